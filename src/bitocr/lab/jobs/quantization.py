"""The step "quantize": turns a checkpoint's layers into integers, and trains them further if asked.

What it leaves beside what every step does (`bitocr.lab.jobs.workspace`):

    STEP/calibrated/            post-training quantization: the checkpoint's weights, ranges found on images
    STEP/trained/               what training leaves (docs/training.md)
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
"""Batches of calibration images on which outputs are compared."""


def quantize(options: Quantization, work: Workspace) -> dict[str, Any]:
    """Quantizes, or resumes it, and returns the report. Prints its progress.

    The report's keys besides those of every step: quantize (of the network's config), layers
    (`bitocr.lab.jobs.noise.layer_rows`), outputs (by name: signal-to-noise in dB after calibration, and after training
    where there was one).

    Raises:
        UsageError: the recipe cannot be run.
        KeyboardInterrupt: the same call goes on.
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
    """Batches float [N, 1, 32, W]: the first own images that are not held back, or the recipe's data.

    Raises:
        UsageError, ImageError: none can be read.
    """
    if work.own is None:
        return first_images(recipe, CALIBRATED)
    sample = Sample(work.own, work.own_images["protocol"], Charset(recipe.charset), options.calibration)
    return [images for images, _ in sample.batches]


def calibrated(work: Workspace) -> Path:
    """The weights after post-training quantization."""
    return work.out / "calibrated" / WEIGHTS


def make_calibrated(
    options: Quantization, work: Workspace, card: dict[str, Any], network: AnyNetwork, images: Sequence[Tensor]
) -> Path:
    """Post-training quantization: the path of the calibrated weights. Makes them if they are missing."""
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
