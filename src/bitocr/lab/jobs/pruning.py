"""The step "prune": shrinks a checkpoint round by round, and finetunes it with the unpruned one as its teacher.

Besides the files of every step (`bitocr.lab.jobs.workspace`) it writes

    STEP/round-1/curves.json, sensitivity.png    the sensitivity of each group of coupled channels
    STEP/round-1/cut/           the checkpoint after cutting
    STEP/round-1/recipe.yaml    the recipe of the finetuning
    STEP/round-1/tuned/         the files of training (docs/training.md)
    STEP/report.png
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from bitocr.lab.config.compression import Prune
from bitocr.lab.config.network import AnyNetwork, Network, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.data.charset import Charset
from bitocr.lab.jobs.reports import PRUNED, Measured, compare_layers, draw_layers, layer_table, write_report
from bitocr.lab.jobs.sample import Sample
from bitocr.lab.jobs.sensitivity import draw_curves, measure_curves
from bitocr.lab.jobs.widths import chosen_widths, even_widths
from bitocr.lab.jobs.workspace import WEIGHTS, Workspace
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.macs import WIDTH, count_macs
from bitocr.lab.nn.prune.channels import Cutter, adapt_norms
from bitocr.lab.nn.prune.coupled import widths_of
from bitocr.lab.nn.prune.sparsity import sparsify
from bitocr.lab.train.run import first_images, run_recipe
from bitocr.lab.train.weights import load_weights, save_weights

ADAPTED = 4
"""How many batches adapt the batch norms of a cut network."""


def prune(options: Prune, work: Workspace) -> dict[str, Any]:
    """Prunes, or resumes pruning, and returns the report. Prints its progress.

    Besides the keys of every step, the report has columns (the width of the image for multiply-adds) and layers (name,
    shapes, weights, zeros, macs before and after).

    Raises:
        UsageError: the recipe cannot be run, or there is nothing left to cut.
        KeyboardInterrupt: Ctrl-C; the same call resumes.
    """
    source, rounds = work.checkpoint, []
    for number in range(1, options.cuts + 1):
        rounds.append(Round(options, work, number))
        recipe, source = rounds[-1].run(source)
    _, card = load_weights(work.checkpoint)
    net, tuned_card = load_weights(source)
    pruned = {"from": source_of(card), **options.method, "rounds": options.cuts}
    save_weights(work.result, net, {**tuned_card, "pruned": pruned})
    return report(options, work, recipe, rounds)


def source_of(card: dict[str, Any]) -> dict[str, Any]:
    """The entries that a checkpoint's card takes from the card of its source."""
    return {key: card[key] for key in ("name", "stage", "images") if key in card}


def report(options: Prune, work: Workspace, recipe: Recipe, rounds: Sequence[Round]) -> dict[str, Any]:
    """Measures the unpruned, the cut and the finetuned network, and writes the report."""
    paths = {"unpruned": work.checkpoint}
    for each in rounds if options.images else ():
        paths |= {f"round {each.number}, cut": each.cut, f"round {each.number}, finetuned": each.tuned}
    if options.images:
        paths.popitem()  # the last round is the result
    measured = Measured(recipe, work, {**paths, "pruned": work.result}, PRUNED)
    compared = compare_layers(work.checkpoint, work.result)
    draw_layers(compared, work.out / "report.png")
    note = f"Multiply-adds of one image of 32 x {WIDTH}; accuracy without n-grams, file in 16 bits a weight."
    figures = {"columns": WIDTH, "layers": compared}
    return write_report(measured, options.plain(), figures, [note], layer_table(compared))


@dataclass(frozen=True)
class Round:
    """A round: cut, then finetune. Finished parts are not repeated.

    Attributes:
        number: the number of the round, from 1.
    """

    options: Prune
    work: Workspace
    number: int

    @property
    def folder(self) -> Path:
        return self.work.out / f"round-{self.number}"

    @property
    def cut(self) -> Path:
        """The checkpoint after cutting."""
        return self.folder / "cut" / WEIGHTS

    @property
    def tuned(self) -> Path:
        """The fine-tuned checkpoint."""
        return self.folder / "tuned" / WEIGHTS

    def run(self, source: Path) -> tuple[Recipe, Path]:
        """Cuts and finetunes the checkpoint `source`. Returns the recipe of the finetuning, and the round's result."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.cut.exists():
            net, card = load_weights(source)
            network = open_network(card["network"])
            # Only the images of this recipe matter: its network is not cut yet.
            net, network = self.cut_net(net, network, self.open_recipe(card, network))
            save_weights(self.cut, net, {**card, "network": network.plain()})
        _, card = load_weights(self.cut)
        recipe = self.open_recipe(card, open_network(card["network"]))
        if not self.options.images:
            return recipe, self.cut
        print(f"{self}: finetuning with {recipe.stages[0].images:,} images", flush=True)
        return recipe, run_recipe(recipe)

    def open_recipe(self, card: dict[str, Any], network: Network) -> Recipe:
        stage = self.work.stage(self.options.images, keep_zeros=self.options.sparsity is not None)
        return self.work.open_recipe("prune", self.folder, card, network, [stage])

    def cut_net(self, net: CRNN, network: AnyNetwork, recipe: Recipe) -> tuple[CRNN, AnyNetwork]:
        """The round's network after cutting, with adapted batch norms, and its config."""
        batches = first_images(recipe, ADAPTED)
        if self.options.sparsity is None:
            net, network = self.cut_channels(Cutter(net, network, self.options.norm), recipe, batches)
        else:
            amount = sparsity_after(self.options.sparsity, self.number, self.options.cuts)
            sparsify(net, amount, self.options.scope)
            print(f"{self}: {100 * amount:.1f} % of the weights are 0", flush=True)
        adapt_norms(net, batches)
        return net, network

    def cut_channels(self, cutter: Cutter, recipe: Recipe, batches: Sequence[Tensor]) -> tuple[CRNN, AnyNetwork]:
        """Cuts the round's share of the channels on the way to `keep`."""
        _, card = load_weights(self.work.checkpoint)
        whole, now = count_macs(card["network"]), count_macs(cutter.network)
        keep = whole / now * self.options.keep ** (self.number / self.options.cuts)
        multiple = self.options.multiple or (8 if cutter.network.is_float else 32)
        if self.options.by == "even":
            widths = even_widths(cutter, keep, multiple)
        else:
            widths = self.widths_by_sensitivity(cutter, recipe, batches, keep, multiple)
        net, network = cutter.cut(widths)
        share = 100 * count_macs(network) / whole
        print(f"{self}: channels {widths_of(cutter.network)} -> {widths}, {share:.0f} % of the MACs")
        return net, network

    def widths_by_sensitivity(
        self, cutter: Cutter, recipe: Recipe, batches: Sequence[Tensor], keep: float, multiple: int
    ) -> list[int]:
        """Measures the curves on the first validation set, and writes them to the round's folder."""
        entry, most = recipe.validation[0], self.options.sample
        path = Path(recipe.data.root) / entry.path
        limit = min(most, entry.limit or most)
        sample = Sample(path, entry.protocol, Charset(recipe.charset), limit)
        curves = measure_curves(cutter, sample, batches, multiple, self.folder / "curves.json")
        widths = chosen_widths(cutter, curves, keep, multiple)
        draw_curves(curves, widths, self.folder / "sensitivity.png")
        return widths

    def __str__(self) -> str:
        return f"round {self.number} of {self.options.cuts}"


def sparsity_after(sparsity: float, number: int, rounds: int) -> float:
    """The sparsity after a round: it rises fast at first, then slowly (Zhu & Gupta 2017, arXiv:1710.01878)."""
    return float(sparsity * (1 - (1 - number / rounds) ** 3))
