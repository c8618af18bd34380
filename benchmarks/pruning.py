"""Measures what pruning costs and gains: a curve over sparsity, points of cut channels, and their time in ONNX Runtime.

    python benchmarks/pruning.py CHECKPOINT DATA OUT [--images N] [--eval LABELS] [--plot PNG] [--doc PAGE] [KEY=VALUE]

DATA is a label file, its folder or a recipe, as for `bitocr prune`, which does the work: each point is a folder in OUT,
and a stopped run resumes at its point. Prints the tables; --plot draws them, and --doc puts them into a page, between
its lines that name this script. Accuracy is that on the validation set, or with --eval on other images, which are read
at the end. Time is measured in turns, on one thread, for images of 32 x 128; only ratios count.
"""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import Any

from compressions import Run, accuracy, arguments_of, evaluate, run_all, slug, tell, time_ratios
from docs_pages import marks, replace_between

from bitocr.errors import UsageError
from bitocr.lab import markdown
from bitocr.lab.config.compression import Prune
from bitocr.lab.export.onnx import export_onnx
from bitocr.lab.figures import save_figure

BEGIN, END = marks("pruning.py")
put_into = partial(replace_between, BEGIN, END)
SPARSITY, ROUNDS = 0.9, 5
#: The points of cut channels: their names in the table, and their options.
POINTS: dict[str, dict[str, Any]] = {
    "sensitivity, L1": {},
    "sensitivity, L2": {"norm": "l2"},
    "even, L1": {"by": "even"},
}
KEEPS = (0.7, 0.5, 0.35)


def runs_of(arguments: argparse.Namespace) -> dict[str, Run]:
    """The prunings to run, by the name of the folder; the first is the sparse one."""
    chosen: dict[str, dict[str, Any]] = {
        "sparse, global": {"sparsity": SPARSITY, "rounds": ROUNDS},
        "sparse, layer": {"sparsity": SPARSITY, "rounds": ROUNDS, "scope": "layer"},
        **{f"sensitivity, L1, {100 * keep:g} %": {"keep": keep} for keep in KEEPS},
        **{f"{name}, 50 %": {"keep": 0.5, **options} for name, options in POINTS.items() if options},
    }
    return {name: Run(arguments, name, Prune(images=arguments.images, **extra)) for name, extra in chosen.items()}


def density(variant: dict[str, Any]) -> float:
    """The share of weights that are 0, in %."""
    return 100 * variant["zeros"] / variant["weights"]


def sparsity_curves(report: dict[str, Any]) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """(sparsity, accuracy) in %: after each cut, and after the finetuning that follows."""
    variants = report["variants"]
    start = (density(variants["unpruned"]), accuracy(variants["unpruned"]))
    cut = [(density(each), accuracy(each)) for name, each in variants.items() if name.endswith(", cut")]
    after = [each for name, each in variants.items() if name.endswith(", finetuned") or name == "pruned"]
    return [start, *cut], [start, *((density(each), accuracy(each)) for each in after)]


def export(checkpoint: Path, out: Path) -> Path:
    """The .onnx file that runs a checkpoint."""
    file = out.with_suffix(".onnx")
    export_onnx(checkpoint, file)
    return file


def tables(reports: dict[str, dict[str, Any]], ratios: dict[str, float], images: int) -> str:
    """Markdown: the sparsity curves, then the points of cut channels; each cut was finetuned with `images` images."""
    heads = ["of the weights 0, %", "accuracy as cut, %", "finetuned, %"]
    lines = []
    for name in ("sparse, global", "sparse, layer"):
        points = zip(*sparsity_curves(reports[name]), strict=True)
        curve = [[f"{value:.1f}" for value in (sparsity, cut, tuned)] for (sparsity, cut), (_, tuned) in points]
        lines += [f"{name}:", "", *markdown.table(heads, curve), ""]
    heads = ["", "multiply-adds, M", "%", "weights", "as cut, %", "accuracy, %", "points lost", "time in ONNX Runtime"]
    whole = next(iter(reports.values()))["variants"]["unpruned"]
    cells = [f"{whole['macs'] / 1e6:.1f}", "100", f"{whole['weights']:,}", "", f"{accuracy(whole):.1f}", "", "1"]
    rows = [["unpruned", *cells]]
    for name, report in reports.items():
        variants = report["variants"]
        pruned, cut = variants["pruned"], next((v for k, v in reversed(variants.items()) if k.endswith(", cut")), None)
        cells = [f"{pruned['macs'] / 1e6:.1f}", f"{100 * pruned['macs'] / whole['macs']:.0f}", f"{pruned['weights']:,}"]
        cells += [f"{accuracy(cut):.1f}" if cut else "", f"{accuracy(pruned):.1f}"]
        cells += [f"{accuracy(whole) - accuracy(pruned):.1f}", f"{ratios[name]:.2f}"]
        rows.append([name, *cells])
    name, scores = next(iter(whole["scores"].items()))
    lines += [
        *markdown.table(heads, rows),
        "",
        f"Accuracy on {scores['images']} images of {name}; {images:,} images to finetune with after each cut; "
        "time over the unpruned network's, one thread.",
    ]
    return "\n".join(lines)


def plot(reports: dict[str, dict[str, Any]], picture: Path) -> None:
    """Plots accuracy over sparsity, and over the remaining multiply-adds, side by side."""
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


def benchmark(arguments: argparse.Namespace) -> str:
    """Prunes in every way, exports, times and plots. Returns the tables."""
    if arguments.images < 1:
        raise UsageError("--images: the curves need some to finetune with")
    every = runs_of(arguments)
    reports = run_all(every)
    if arguments.eval is not None:
        evaluate(reports, every, arguments.eval, arguments.protocol)
    checkpoints = {"unpruned": arguments.checkpoint}
    checkpoints |= {name: each.result for name, each in every.items()}
    files = {name: export(path, arguments.out / slug(name)) for name, path in checkpoints.items()}
    plot(reports, arguments.plot or arguments.out / "pruning.png")
    return tables(reports, time_ratios(files), arguments.images)


def main(argv: list[str] | None = None) -> None:
    parser = arguments_of(__doc__)
    parser.add_argument("--plot", type=Path, metavar="PNG")
    tell(parser, argv, benchmark, put_into)


if __name__ == "__main__":
    main()
