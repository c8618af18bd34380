"""What pruning costs and what it gains: a curve of sparsity, points of cut channels, and their time in ONNX Runtime.

    python benchmarks/pruning.py CHECKPOINT DATA OUT [--images N] [--plot PNG] [--doc docs/pruning.md] [KEY=VALUE ...]

DATA is a label file, its folder or a recipe, as for `bitocr prune`, which does the work: every point is a folder in
OUT, and a stopped run goes on with the point that it was at. Prints the tables; --plot draws them, --doc puts them
into a page, between its lines that name this script. Time is measured in turns, on one thread, for images of 32 x 128:
what counts is the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pages import marks, replace_between

from bitocr.errors import BitocrError, UsageError
from bitocr.files import write_atomic
from bitocr.lab.compress.figures import save_figure
from bitocr.lab.compress.prune import prune
from bitocr.lab.compress.prune_options import Options
from bitocr.lab.export.onnx import export_onnx

BEGIN, END = marks("pruning.py")
put_into = partial(replace_between, BEGIN, END)
SPARSITY, ROUNDS = 0.9, 5
RUNS = 200  # of each network, in turns
#: Points of cut channels: what stands in the table, and the options.
POINTS: dict[str, dict[str, Any]] = {
    "sensitivity, L1": {},
    "sensitivity, L2": {"norm": "l2"},
    "even, L1": {"by": "even"},
    "sensitivity, L1, two rounds": {"rounds": 2},
}
KEEPS = (0.7, 0.5, 0.35)


def options_of(arguments: argparse.Namespace) -> dict[str, Options]:
    """Every pruning to run, by the name of its folder; the first is the sparse one."""
    common = {
        "checkpoint": str(arguments.checkpoint),
        "data": str(arguments.data),
        "images": arguments.images,
        "share": arguments.share,
        "protocol": arguments.protocol,
    }
    chosen: dict[str, dict[str, Any]] = {
        "sparse, global": {"sparsity": SPARSITY, "rounds": ROUNDS},
        "sparse, layer": {"sparsity": SPARSITY, "rounds": ROUNDS, "scope": "layer"},
        **{f"sensitivity, L1, {100 * keep:g} %": {"keep": keep} for keep in KEEPS},
        **{f"{name}, 50 %": {"keep": 0.5, **options} for name, options in POINTS.items() if options},
    }
    return {name: Options(out=str(arguments.out / slug(name)), **common, **extra) for name, extra in chosen.items()}


def slug(name: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def accuracy(variant: dict[str, Any]) -> float:
    """On the first validation set, in %."""
    return 100 * float(next(iter(variant["scores"].values()))["accuracy"])


def density(variant: dict[str, Any]) -> float:
    """Share of weights that are 0, in %."""
    return 100 * variant["zeros"] / variant["weights"]


def sparsity_curves(report: dict[str, Any]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """(sparsity, accuracy) in %: after every cut, and after the finetuning that follows it."""
    variants = report["variants"]
    start = (density(variants["unpruned"]), accuracy(variants["unpruned"]))
    cut = [(density(each), accuracy(each)) for name, each in variants.items() if name.endswith(", cut")]
    after = [each for name, each in variants.items() if name.endswith(", finetuned") or name == "pruned"]
    return [start, *cut], [start, *((density(each), accuracy(each)) for each in after)]


def time_ratios(checkpoints: dict[str, Path], folder: Path) -> dict[str, float]:
    """How long each takes in ONNX Runtime, over the first's time: medians of `RUNS` runs in turns, in this process."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    sessions = {}
    for name, checkpoint in checkpoints.items():
        file = folder / f"{slug(name)}.onnx"
        export_onnx(checkpoint, file)
        sessions[name] = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    image = {"image": np.random.default_rng(0).standard_normal((1, 1, 32, 128)).astype(np.float32)}
    seconds: dict[str, list[float]] = {name: [] for name in sessions}
    for _ in range(RUNS):
        for name, session in sessions.items():
            start = time.perf_counter()
            session.run(None, image)
            seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {name: median / next(iter(medians.values())) for name, median in medians.items()}


def tables(reports: dict[str, dict[str, Any]], ratios: dict[str, float]) -> str:
    """Markdown: the sparsity curves, then the points of cut channels."""
    heads = ["of the weights 0, %", "accuracy as cut, %", "finetuned, %"]
    rows = []
    for name in ("sparse, global", "sparse, layer"):
        rows += [f"{name}:", "", f"| {' | '.join(heads)} |", "|---|---|---|"]
        for (sparsity, cut), (_, tuned) in zip(*sparsity_curves(reports[name]), strict=True):
            rows.append(f"| {sparsity:.1f} | {cut:.1f} | {tuned:.1f} |")
        rows.append("")
    heads = ["", "multiply-adds, M", "%", "weights", "as cut, %", "accuracy, %", "points lost", "time in ONNX Runtime"]
    rows += [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    whole = next(iter(reports.values()))["variants"]["unpruned"]
    cells = [f"{whole['macs'] / 1e6:.1f}", "100", f"{whole['weights']:,}", "", f"{accuracy(whole):.1f}", "", "1"]
    rows.append(f"| unpruned | {' | '.join(cells)} |")
    for name, report in reports.items():
        variants = report["variants"]
        pruned, cut = variants["pruned"], next((v for k, v in reversed(variants.items()) if k.endswith(", cut")), None)
        cells = [f"{pruned['macs'] / 1e6:.1f}", f"{100 * pruned['macs'] / whole['macs']:.0f}", f"{pruned['weights']:,}"]
        cells += [f"{accuracy(cut):.1f}" if cut else "", f"{accuracy(pruned):.1f}"]
        cells += [f"{accuracy(whole) - accuracy(pruned):.1f}", f"{ratios[name]:.2f}"]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    name, scores = next(iter(whole["scores"].items()))
    rows += ["", f"Accuracy on {scores['images']} images of {name}; time over the unpruned network's, one thread."]
    return "\n".join(rows)


def plot(reports: dict[str, dict[str, Any]], picture: Path) -> None:
    """Accuracy over sparsity, and over the multiply-adds that are left, side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, color in (("sparse, global", "#0072b2"), ("sparse, layer", "#d55e00")):
        cut, tuned = sparsity_curves(reports[name])
        left.plot(*zip(*cut, strict=True), "--", color=color, marker=".", label=f"{name.partition(', ')[2]}, as cut")
        left.plot(*zip(*tuned, strict=True), color=color, marker="o", markersize=4, label="finetuned")
    left.set(xlabel="weights that are 0, %", ylabel="accuracy, %")
    whole = next(iter(reports.values()))["variants"]["unpruned"]
    right.plot(whole["macs"] / 1e6, accuracy(whole), "k*", markersize=9, label="unpruned")
    for name, report in reports.items():
        if not name.startswith("sparse"):
            pruned = report["variants"]["pruned"]
            right.plot(pruned["macs"] / 1e6, accuracy(pruned), "o", label=name)
    right.set(xlabel="multiply-adds for an image of 32 x 128, millions", xlim=(0, None))
    for axis in (left, right):
        axis.grid(color="0.92")
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False, fontsize=8)
    save_figure(figure, picture)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE")
    parser.add_argument("--images", type=int, default=40_000)
    parser.add_argument("--share", type=float, default=0.5, help="of own images among these, the rest rendered")
    parser.add_argument("--protocol", choices=["scene", "line"], default="scene")
    parser.add_argument("--plot", type=Path, default=None)
    parser.add_argument("--doc", type=Path, default=None)
    arguments = parser.parse_intermixed_args()
    if arguments.images < 1:
        raise UsageError("--images: the curves need some to finetune with")
    every = options_of(arguments)
    reports = {}
    for number, (name, options) in enumerate(every.items(), 1):
        print(f"{number} of {len(every)}: {name}", flush=True)
        reports[name] = prune(options, arguments.overrides)
    files = {name: Path(options.out) / "weights.safetensors" for name, options in every.items()}
    text = tables(reports, time_ratios({"unpruned": arguments.checkpoint, **files}, arguments.out))
    print(text)
    write_atomic(arguments.out / "table.md", f"{text}\n".encode())
    plot(reports, arguments.plot or arguments.out / "pruning.png")
    if arguments.doc is not None:
        put_into(arguments.doc, text)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"pruning: {error}")
    except KeyboardInterrupt:
        sys.exit("stopped: the same command goes on")
