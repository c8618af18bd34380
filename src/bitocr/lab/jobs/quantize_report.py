"""The report of a quantization: report.json, and out of it tables in markdown, beside the result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from torch import Tensor

from bitocr.io.files import write_atomic
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.jobs.noise import layer_rows, output_noise, parameter_bytes
from bitocr.lab.jobs.quantize_options import Options
from bitocr.lab.markdown import table
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.train.callbacks import Validate
from bitocr.lab.train.card import code_version
from bitocr.lab.train.run import open_validation
from bitocr.lab.train.weights import load_weights

COMPARED = 2
"""Batches of calibration images on which outputs are compared."""


def write_report(out: Path, options: Options, recipe: Recipe, images: Sequence[Tensor]) -> dict[str, Any]:
    """Measures the network before and after, and writes the report; the json last, when all is done.

    The report's keys: checkpoint, quantize (of the network's config), way (how it was quantized), variants (by name:
    bytes and scores), layers (`bitocr.lab.jobs.noise.layer_rows`), outputs (by name: signal-to-noise in dB
    after calibration, and after training where there was one), code.
    """
    print("measuring before and after", flush=True)
    exact, _ = load_weights(options.checkpoint)
    paths = {"calibrated": out / "calibrated" / "weights.safetensors"}
    if options.images:
        paths["trained"] = out / "weights.safetensors"
    nets = {name: load_weights(path)[0] for name, path in paths.items()}
    _, card = load_weights(paths[last := list(paths)[-1]])
    validate = open_validation(recipe, out)
    noise = {name: output_noise(exact, net, images[:COMPARED]) for name, net in nets.items()}
    report = {
        "checkpoint": Path(options.checkpoint).name,
        "quantize": card["network"]["quantize"],
        "way": options.way(),
        "variants": {name: measure(net, validate) for name, net in {"before": exact, **nets}.items()},
        "layers": layer_rows(nets[last]),
        "outputs": {point: {name: noise[name][point] for name in nets} for point in noise[last]},
        "code": code_version(),
    }
    write_atomic(out / "report.md", markdown(report).encode())
    write_atomic(out / "report.json", (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
    return report


def measure(net: CRNN, validate: Validate) -> dict[str, Any]:
    """What the parameters take, and how well each validation set is read."""
    scores = {name: each.score_net(net) for name, each in zip(validate.names, validate.sets, strict=True)}
    return {
        "bytes": parameter_bytes(net),
        "scores": {
            name: {"images": score.n, "accuracy": round(score.accuracy, 4), "cer": round(score.cer, 4)}
            for name, score in scores.items()
        },
    }


def markdown(report: dict[str, Any]) -> str:
    """The report's tables: variants, weights, outputs."""
    variants = report["variants"]
    sets = list(variants["before"]["scores"])
    lines = table(
        ["", "bytes of parameters", *(f"{name}: accuracy, %" for name in sets), *(f"{name}: CER, %" for name in sets)],
        [
            [name, f"{each['bytes']:,}"]
            + [f"{100 * each['scores'][which][key]:.1f}" for key in ("accuracy", "cer") for which in sets]
            for name, each in variants.items()
        ],
    )
    note = "Greedy decoding, no n-grams. Bytes: integers with their scales, all other parameters as float32."
    weights = table(
        ["layer", "kind", "shape", "bits", "bytes", "as float32", "signal-to-noise, dB"],
        [weight_cells(layer) for layer in report["layers"]],
    )
    names = list(variants)[1:]
    outputs = table(
        ["output of", *(f"{name}: signal-to-noise, dB" for name in names)],
        [[point, *(cell(each[name]) for name in names)] for point, each in report["outputs"].items()],
    )
    return "\n".join([*lines, "", note, "", *weights, "", *outputs]) + "\n"


def weight_cells(layer: dict[str, Any]) -> list[str]:
    shape = " x ".join(map(str, layer["shape"]))
    sizes = [f"{layer['bytes']:,}", f"{layer['float_bytes']:,}"]
    return [layer["name"], layer["kind"], shape, str(layer["bits"]), *sizes, cell(layer["weight_db"])]


def cell(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f}"
