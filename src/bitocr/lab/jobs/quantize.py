"""`bitocr quantize`: a float or binary checkpoint made one whose layers are integers, trained as such where asked.

All of it is in one folder, and the same call goes on where it was stopped:

    OUT/settings.json           what it was begun with
    OUT/train.tsv, held-back.tsv    own labels, divided
    OUT/calibrated/             post-training quantization: the checkpoint's weights, ranges found on images
    OUT/recipe.yaml             how it is trained, by what `bitocr train` runs too
    OUT/trained/                what training leaves (docs/training.md)
    OUT/weights.safetensors     the result: a checkpoint like the first
    OUT/report.json, report.md
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.lab.config.network import AnyNetwork, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.data.charset import Charset
from bitocr.lab.jobs.folder import base_recipe, check_data, write_recipe
from bitocr.lab.jobs.quantize_options import Options
from bitocr.lab.jobs.quantize_report import write_report
from bitocr.lab.jobs.sample import Sample
from bitocr.lab.nn.quant.ranges import calibrate
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.run import CALIBRATED, first_images, run_recipe
from bitocr.lab.train.weights import load_weights, save_weights


def quantize(options: Options, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Quantizes, or goes on with it, and gives the report (`bitocr.lab.jobs.quantize_report`). Prints how it goes.

    Args:
        options: see there.
        overrides: key=value for the recipe of the training.

    Raises:
        UsageError, ModelError: told before anything is written.
        KeyboardInterrupt: the same call goes on.
    """
    options.check()
    _, card = load_weights(options.checkpoint)
    network = quantized_network(options, card)
    check_data(options)
    out = Path(options.out)
    begin(out, options.begun_with())
    if (out / "report.json").exists():
        print(f"{out} is quantized already: remove it or choose another folder to quantize again")
        return dict(json.loads(read_text(out / "report.json")))
    recipe = load_recipe(recipe_of(options, out, card, network), overrides)
    images = calibration_images(options, recipe, out)
    made = make_calibrated(options, out, card, network, images)
    if options.images:
        print(f"training with {recipe.stages[0].images:,} images", flush=True)
        made = run_recipe(recipe)
    net, made_card = load_weights(made)
    source = {key: card[key] for key in ("name", "stage", "images") if key in card}
    about = {"from": source, "observer": options.observer, "trained": bool(options.images)}
    save_weights(out / "weights.safetensors", net, {**made_card, "quantized": about})
    return write_report(out, options, recipe, images)


def quantized_network(options: Options, card: dict[str, Any]) -> AnyNetwork:
    """The network as it is to be quantized. Raises UsageError where that does not fit it."""
    network = open_network(card["network"])
    if network.quantize is not None:
        raise UsageError(f"{options.checkpoint}: it is quantized already: quantize the checkpoint that it was made of")
    return open_network(network.replace(quantize=options.quantize()))


def recipe_of(options: Options, out: Path, card: dict[str, Any], network: AnyNetwork) -> Path:
    """Writes the recipe: how the calibrated network is trained, and by which images it is measured."""
    stage = options.stage(keep_zeros="sparsity" in card.get("pruned", {}))
    return write_recipe(base_recipe("quantize", options, out), out, card, network, stage)


def calibration_images(options: Options, recipe: Recipe, out: Path) -> list[Tensor]:
    """Batches float [N, 1, 32, W]: the first own images that are not held back, or the recipe's data.

    Raises:
        UsageError, ImageError: none can be read.
    """
    if not (out / "train.tsv").exists():
        return first_images(recipe, CALIBRATED)
    sample = Sample(out / "train.tsv", options.protocol, Charset(recipe.charset), options.calibration)
    return [images for images, _ in sample.batches]


def make_calibrated(
    options: Options, out: Path, card: dict[str, Any], network: AnyNetwork, images: Sequence[Tensor]
) -> Path:
    """Post-training quantization: the path of the calibrated weights, which are made where they are not there yet."""
    path = out / "calibrated" / "weights.safetensors"
    if not path.exists():
        print(f"calibrating on {sum(len(batch) for batch in images):,} images", flush=True)
        net, _ = load_weights(options.checkpoint, network=network)
        calibrate(net, images, options.observer)
        save_weights(path, net, {**card, "network": network.plain()})
    return path
