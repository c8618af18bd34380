"""The step "quantize": quantizes a checkpoint's layers, and trains them further if you ask for it.

Besides the files of every step (`bitocr.lab.jobs.workspace`) it writes

    STEP/calibrated/            post-training quantization: the checkpoint's weights, and ranges found on images
    STEP/trained/               the files of training (docs/training.md)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from bitocr.lab.config.compression import Quantization
from bitocr.lab.config.network import AnyNetwork, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.data.charset import Charset
from bitocr.lab.jobs.noise import layer_rows, output_noise
from bitocr.lab.jobs.pruning import source_of
from bitocr.lab.jobs.reports import QUANTIZED, Measured, noise_table, weight_table, write_report
from bitocr.lab.jobs.sample import Sample
from bitocr.lab.jobs.workspace import WEIGHTS, Workspace
from bitocr.lab.nn.quant.ranges import calibrate
from bitocr.lab.train.run import CALIBRATED, first_images, run_recipe
from bitocr.lab.train.weights import load_weights, save_weights

COMPARED = 2
"""How many batches of calibration images compare outputs."""


def quantize(options: Quantization, work: Workspace) -> dict[str, Any]:
    """Quantizes, or resumes quantizing, and returns the report. Prints its progress.

    Besides the keys of every step, the report has quantize (from the network's config), layers
    (`bitocr.lab.jobs.noise.layer_rows`) and outputs (by name: signal-to-noise in dB after calibration, and after
    training if there was any).

    Raises:
        UsageError: the recipe cannot be run.
        KeyboardInterrupt: Ctrl-C; the same call resumes.
    """
    _, card = load_weights(work.checkpoint)
    network = open_network(open_network(card["network"]).replace(quantize=options.network))
    stage = work.stage(options.images, keep_zeros="sparsity" in card.get("pruned", {}))
    recipe = work.open_recipe("quantize", work.out, card, network, [stage])
    images = calibration_images(options, recipe, work)
    trained = make_calibrated(options, work, card, network, images)
    if options.images:
        print(f"training with {recipe.stages[0].images:,} images", flush=True)
        trained = run_recipe(recipe)
    net, new_card = load_weights(trained)
    about = {"from": source_of(card), "observer": options.observer, "trained": bool(options.images)}
    save_weights(work.result, net, {**new_card, "quantized": about})
    return report(options, work, recipe, images)


def calibration_images(options: Quantization, recipe: Recipe, work: Workspace) -> list[Tensor]:
    """Batches float [N, 1, 32, W] of your first images that are not held back, or of the recipe's data.

    Raises:
        UsageError, ImageError: no image can be read.
    """
    if work.own is None:
        return first_images(recipe, CALIBRATED)
    sample = Sample(work.own, work.own_images["protocol"], Charset(recipe.charset), options.calibration)
    return [images for images, _ in sample.batches]


def calibrated(work: Workspace) -> Path:
    """The path of the weights after post-training quantization."""
    return work.out / "calibrated" / WEIGHTS


def make_calibrated(
    options: Quantization, work: Workspace, card: dict[str, Any], network: AnyNetwork, images: Sequence[Tensor]
) -> Path:
    """Makes the calibrated weights (post-training quantization) if they are missing. Returns their path."""
    path = calibrated(work)
    if not path.exists():
        print(f"calibrating on {sum(len(batch) for batch in images):,} images", flush=True)
        net, _ = load_weights(work.checkpoint, network=network)
        calibrate(net, images, options.observer)
        save_weights(path, net, {**card, "network": network.plain()})
    return path


def report(options: Quantization, work: Workspace, recipe: Recipe, images: Sequence[Tensor]) -> dict[str, Any]:
    """Measures the network before and after, and writes the report."""
    paths = {"calibrated": calibrated(work), **({"trained": work.result} if options.images else {})}
    measured = Measured(recipe, work, {"before": work.checkpoint, **paths}, QUANTIZED)
    exact, *nets = measured.nets.values()
    noise = [output_noise(exact, net, images[:COMPARED]) for net in nets]
    _, card = load_weights(list(paths.values())[-1])
    figures = {
        "quantize": card["network"]["quantize"],
        "layers": layer_rows(nets[-1]),
        "outputs": {point: dict(zip(paths, [each[point] for each in noise], strict=True)) for point in noise[-1]},
    }
    note = "Greedy decoding, no n-grams. Bytes: integers with their scales, all other parameters as float32."
    tables = weight_table(figures["layers"]), noise_table(figures["outputs"])
    return write_report(measured, options.plain(), figures, [note], *tables)
