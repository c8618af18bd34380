"""Measures what quantization costs and gains: after training and in training, 8 and 4 bits, file sizes and time.

    python benchmarks/quantization.py CHECKPOINT DATA OUT [--images N] [--eval LABELS] [--doc PAGE] [KEY=VALUE...]

DATA is a label file, its folder or a recipe, as for `bitocr quantize`, which does the work: each row is a folder in
OUT, and a stopped run resumes at its row. A float checkpoint is quantized in all possible ways, a binary one as in the
engine. Prints a table; --doc puts it into a page, between its lines that name this script. Accuracy is that on the
validation set, or with --eval on other images, which are read at the end. Time is measured in turns, on one thread, for
images of 32 x 128; only the ratio to the float network counts.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from compressions import Run, accuracy, arguments_of, evaluate, run_all, slug, tell, time_ratios
from docs_pages import marks, replace_between

from bitocr.lab import markdown
from bitocr.lab.config.compression import Quantization
from bitocr.lab.config.network import open_network
from bitocr.lab.export.bit import export_bit
from bitocr.lab.export.onnx import export_onnx
from bitocr.lab.nn.quant.observers import OBSERVERS
from bitocr.lab.train.weights import read_weights

BEGIN, END = marks("quantization.py")
put_into = partial(replace_between, BEGIN, END)


def rows_of(is_binary: bool, images: int) -> dict[str, dict[str, Any]]:
    """The options of each row, by its name in the table."""
    if is_binary:
        return {"engine, after training": {}, "engine, in training": {"images": images}}
    return {
        "dynamic, LSTM and head": {"scheme": "dynamic"},
        **{f"static, {name}": {"observer": name} for name in OBSERVERS},
        "static, 4-bit weights": {"weights": 4},
        "in training, learned ranges": {"images": images},
        "in training, LSTM of 4 bits": {"images": images, "lstm": 4},
        "in training, moving averages": {"images": images, "ranges": "average"},
        "in training, 4-bit weights": {"images": images, "weights": 4},
    }


def export(checkpoint: Path, out: Path, is_binary: bool) -> Path:
    """The file that runs a checkpoint: .bit for the engine or .onnx for ONNX Runtime."""
    file = out.with_suffix(".bit" if is_binary else ".onnx")
    (export_bit if is_binary else export_onnx)(checkpoint, file)
    return file


def table(reports: dict[str, dict[str, Any]], files: dict[str, Path], ratios: dict[str, float], images: int) -> str:
    """Markdown: a row for the original checkpoint, and one per quantization; each training took `images` images."""
    before = next(iter(reports.values()))["variants"]["before"]
    heads = ["", "bytes of parameters", "%", "bytes of the file", "accuracy, %", "points lost", "time"]
    rows = []
    variants = {"before": before, **{name: list(each["variants"].values())[-1] for name, each in reports.items()}}
    for name, variant in variants.items():
        cells = [f"{variant['bytes']:,}", f"{100 * variant['bytes'] / before['bytes']:.0f}"]
        cells += [f"{files[name].stat().st_size:,}", f"{accuracy(variant):.1f}"]
        cells += [f"{accuracy(before) - accuracy(variant):.1f}", f"{ratios[name]:.2f}"]
        rows.append([name, *cells])
    which, scores = next(iter(before["scores"].items()))
    runs = "the engine" if next(iter(files.values())).suffix == ".bit" else "ONNX Runtime"
    note = (
        f"Accuracy on {scores['images']} images of {which}; trained with {images:,} images where in training; "
        f"time in {runs} over the first row's, one thread."
    )
    return "\n".join([*markdown.table(heads, rows), "", note])


def benchmark(arguments: argparse.Namespace) -> str:
    """Quantizes in every way, exports and times. Returns the table."""
    is_binary = open_network(read_weights(arguments.checkpoint)[1]["network"]).is_binary
    every = {
        name: Run(arguments, name, Quantization(**extra))
        for name, extra in rows_of(is_binary, arguments.images).items()
    }
    reports = run_all(every)
    if arguments.eval is not None:
        evaluate(reports, every, arguments.eval, arguments.protocol)
    checkpoints = {"before": arguments.checkpoint}
    checkpoints |= {name: each.result for name, each in every.items()}
    files = {name: export(path, arguments.out / slug(name), is_binary) for name, path in checkpoints.items()}
    return table(reports, files, time_ratios(files), arguments.images)


def main(argv: list[str] | None = None) -> None:
    tell(arguments_of(__doc__), argv, benchmark, put_into)


if __name__ == "__main__":
    main()
