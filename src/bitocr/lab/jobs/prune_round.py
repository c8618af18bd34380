"""One round of a pruning: cut, then finetune what is left, with the unpruned network as the teacher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from bitocr.lab.config.network import AnyNetwork, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.data.charset import Charset
from bitocr.lab.jobs.folder import write_recipe
from bitocr.lab.jobs.prune_options import Options
from bitocr.lab.jobs.sample import Sample
from bitocr.lab.jobs.sensitivity import draw_curves, measure_curves
from bitocr.lab.jobs.widths import chosen_widths, even_widths
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.nn.prune.channels import Cutter, adapt_norms
from bitocr.lab.nn.prune.coupled import widths_of
from bitocr.lab.nn.prune.sparsity import sparsify
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.run import first_images, run_recipe
from bitocr.lab.train.weights import load_weights, save_weights

ADAPTED = 4
"""Batches by which the batch norms of a cut network are adapted."""


class Round(NamedTuple):
    """The checkpoint as it was cut, the one that came out of finetuning, and the recipe of that."""

    cut: Path
    tuned: Path
    recipe: Path


def run_round(base: dict[str, Any], options: Options, overrides: Sequence[str], source: Path, number: int) -> Round:
    """Cuts the checkpoint `source` and finetunes what is left; what is done already is not done again.

    Args:
        base: of `bitocr.lab.jobs.folder.base_recipe`.
        number: of the round, from 1 on.

    Raises:
        UsageError: the recipe cannot be run, or there is nothing left to cut.
        KeyboardInterrupt: the same call goes on.
    """
    folder = Path(options.out) / f"round-{number}"
    cut = folder / "cut" / "weights.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    stage = options.stage(keep_zeros=options.sparsity is not None)
    if not cut.exists():
        net, card = load_weights(source)
        network = open_network(card["network"])
        # The images are what matters of this recipe: its network is not cut yet.
        recipe = load_recipe(write_recipe(base, folder, card, network, stage), overrides)
        net, network = cut_net(net, network, options, recipe, number)
        save_weights(cut, net, {**card, "network": network.plain()})
    _, card = load_weights(cut)
    path = write_recipe(base, folder, card, open_network(card["network"]), stage)
    recipe = load_recipe(path, overrides)
    if not options.images:
        return Round(cut, cut, path)
    images = recipe.stages[0].images
    print(f"round {number} of {options.cuts}: finetuning with {images:,} images", flush=True)
    return Round(cut, run_recipe(recipe), path)


def cut_net(net: CRNN, network: AnyNetwork, options: Options, recipe: Recipe, number: int) -> tuple[CRNN, AnyNetwork]:
    """The network of a round, cut, its batch norms adapted, and what it is built from."""
    batches = first_images(recipe, ADAPTED)
    if options.sparsity is None:
        net, network = cut_channels(Cutter(net, network, options.norm), options, recipe, batches, number)
    else:
        amount = sparsity_after(options.sparsity, number, options.cuts)
        sparsify(net, amount, options.scope)
        print(f"round {number} of {options.cuts}: {100 * amount:.1f} % of the weights are 0", flush=True)
    adapt_norms(net, batches)
    return net, network


def sparsity_after(sparsity: float, number: int, rounds: int) -> float:
    """The sparsity of a round: much at first, little at last (Zhu & Gupta 2017, arXiv:1710.01878)."""
    return float(sparsity * (1 - (1 - number / rounds) ** 3))


def cut_channels(
    cutter: Cutter, options: Options, recipe: Recipe, batches: Sequence[Tensor], number: int
) -> tuple[CRNN, AnyNetwork]:
    """A round's share of the way to `options.keep`, by sensitivity or evenly; the curves go into the round's folder."""
    network, folder = cutter.network, Path(recipe.out)
    _, card = load_weights(options.checkpoint)
    whole, now = count_macs(card["network"]), count_macs(network)
    keep = whole / now * options.keep ** (number / options.cuts)
    multiple = options.multiple or (8 if network.is_float else 32)
    if options.by == "even":
        widths = even_widths(cutter, keep, multiple)
    else:
        entry = recipe.validation[0]
        limit = min(options.sample, entry.limit or options.sample)
        path = Path(recipe.data.root) / entry.path
        sample = Sample(path, entry.protocol, Charset(recipe.charset), limit)
        curves = measure_curves(cutter, sample, batches, multiple, folder / "curves.json")
        widths = chosen_widths(cutter, curves, keep, multiple)
        draw_curves(curves, widths, folder / "sensitivity.png")
    net, network = cutter.cut(widths)
    share = 100 * count_macs(network) / whole
    print(
        f"round {number} of {options.cuts}: channels {widths_of(cutter.network)} -> {widths}, {share:.0f} % of the MACs"
    )
    return net, network
