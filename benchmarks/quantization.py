"""What quantization costs and what it gains: post-training against training, 8 bits against 4, file sizes and time.

    python benchmarks/quantization.py CHECKPOINT DATA OUT [--validation LABELS] [--images N] [--doc PAGE] [KEY=VALUE...]

DATA is a label file, its folder or a recipe, as for `bitocr quantize`, which does the work: every row is a folder in
OUT, and a stopped run goes on with the row that it was at. A float checkpoint is quantized in all ways that there are,
a binary one as the engine does. Prints a table; --doc puts it into a page, between its lines that name this script.
Time is measured in turns, on one thread, for images of 32 x 128: what counts is the ratio to the float network's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pages import marks, replace_between

from bitocr.engine import Engine
from bitocr.errors import BitocrError
from bitocr.lab.compress.observers import OBSERVERS
from bitocr.lab.compress.quantize import quantize
from bitocr.lab.compress.quantize_options import Options
from bitocr.lab.export.bit import export_bit
from bitocr.lab.export.onnx import export_onnx
from bitocr.lab.nn.crnn import complete
from bitocr.lab.train.weights import read_weights

BEGIN, END = marks("quantization.py")
put_into = partial(replace_between, BEGIN, END)
RUNS = 200
"""Runs of each network that are timed, in turns."""


def rows_of(is_binary: bool, images: int) -> dict[str, dict[str, Any]]:
    """The options of every row, by what stands in the table."""
    if is_binary:
        return {"engine, after training": {}, "engine, in training": {"images": images}}
    return {
        "dynamic, LSTM and head": {"scheme": "dynamic"},
        **{f"static, {name}": {"observer": name} for name in OBSERVERS},
        "static, 4-bit weights": {"weights": 4},
        "in training, learned ranges": {"images": images},
        "in training, moving averages": {"images": images, "ranges": "average"},
        "in training, 4-bit weights": {"images": images, "weights": 4},
    }


def slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def accuracy(variant: dict[str, Any]) -> float:
    """On the first validation set, in %."""
    return 100 * float(next(iter(variant["scores"].values()))["accuracy"])


def export(checkpoint: Path, out: Path, is_binary: bool) -> Path:
    """The file that runs a checkpoint: .bit for the engine or .onnx for ONNX Runtime."""
    file = out.with_suffix(".bit" if is_binary else ".onnx")
    (export_bit if is_binary else export_onnx)(checkpoint, file)
    return file


def runner(file: Path) -> Callable[[], Any]:
    """A call that runs a file once on an image of 32 x 128, on one thread."""
    image = np.random.default_rng(0).integers(-127, 128, (32, 128), np.int8)
    if file.suffix == ".bit":
        engine = Engine(file)
        return lambda: engine.logprobs(image)
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"image": image[None, None].astype(np.float32) / 32})


def time_ratios(files: dict[str, Path]) -> dict[str, float]:
    """How long each takes, over the first's time: medians of `RUNS` runs in turns, in this process."""
    runners = {name: runner(file) for name, file in files.items()}
    seconds: dict[str, list[float]] = {name: [] for name in runners}
    for _ in range(RUNS):
        for name, run in runners.items():
            start = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {name: median / next(iter(medians.values())) for name, median in medians.items()}


def table(reports: dict[str, dict[str, Any]], files: dict[str, Path], ratios: dict[str, float]) -> str:
    """Markdown: a row for the checkpoint as it was, and one for each way to quantize it."""
    before = next(iter(reports.values()))["variants"]["before"]
    heads = ["", "bytes of parameters", "%", "bytes of the file", "accuracy, %", "points lost", "time"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    variants = {"before": before, **{name: list(each["variants"].values())[-1] for name, each in reports.items()}}
    for name, variant in variants.items():
        cells = [f"{variant['bytes']:,}", f"{100 * variant['bytes'] / before['bytes']:.0f}"]
        cells += [f"{files[name].stat().st_size:,}", f"{accuracy(variant):.1f}"]
        cells += [f"{accuracy(before) - accuracy(variant):.1f}", f"{ratios[name]:.2f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    which, scores = next(iter(before["scores"].items()))
    runs = "the engine" if next(iter(files.values())).suffix == ".bit" else "ONNX Runtime"
    note = f"Accuracy on {scores['images']} images of {which}; time in {runs} over the first row's, one thread."
    return "\n".join([*lines, "", note])


def benchmark(arguments: argparse.Namespace) -> str:
    """Quantizes in every way, exports, times: the table."""
    is_binary = complete(read_weights(arguments.checkpoint)[1]["network"]).get("stage") == "both"
    common = {
        "checkpoint": str(arguments.checkpoint),
        "data": str(arguments.data),
        "protocol": arguments.protocol,
        "share": arguments.share,
        "validation": None if arguments.validation is None else str(arguments.validation),
    }
    reports, checkpoints = {}, {"before": arguments.checkpoint}
    for name, extra in rows_of(is_binary, arguments.images).items():
        print(f"{name}:", file=sys.stderr, flush=True)
        folder = arguments.out / slug(name)
        reports[name] = quantize(Options(out=str(folder), **common, **extra), arguments.overrides)
        checkpoints[name] = folder / "weights.safetensors"
    files = {name: export(path, arguments.out / slug(name), is_binary) for name, path in checkpoints.items()}
    return table(reports, files, time_ratios(files))


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--images", type=int, default=40_000, help="to train with")
    parser.add_argument("--share", type=float, default=0.5, help="of own images among these, the rest rendered")
    parser.add_argument("--protocol", choices=["scene", "line"], default="scene")
    parser.add_argument("--validation", type=Path, default=None)
    parser.add_argument("--doc", type=Path, default=None)
    arguments = parser.parse_args(argv)
    try:
        text = benchmark(arguments)
        print(text)
        if arguments.doc is not None:
            put_into(arguments.doc, text)
    except BitocrError as error:
        sys.exit(f"{parser.prog}: {error}")


if __name__ == "__main__":
    main()
