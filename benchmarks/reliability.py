"""Measures how far confidences can be trusted: reliability curves, calibration error, effect of --min-confidence.

    python benchmarks/reliability.py DIR [--model english] [--language en] [--plot PNG] [--doc docs/confidence.md]

DIR holds the test sets as for `make bench-peers`; those in the language are read, and missing ones are left out. Each
is read by default, read once only, and read without the model's calibration (also once). Prints the table; --plot draws
the curves, and --doc puts the table into a page, between its lines that name this script.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from docs_pages import marks, replace_between
from peers import find_sets

from bitocr import Reader
from bitocr.errors import BitocrError, UsageError
from bitocr.io import bitfile, shipped
from bitocr.io.labels import read_labels
from bitocr.lab import markdown
from bitocr.lab.export.calibrate import Bools, Floats, calibrated, calibration_error, readings
from bitocr.lab.figures import save_figure

DEFAULT, UNCALIBRATED = "default", "uncalibrated"
THRESHOLDS = (0.5, 0.8, 0.9, 0.95)
BAND = (0.85, 0.95)  # confidences of about 0.9
BINS = 10
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")  # Okabe and Ito's colour-blind safe colours
BEGIN, END = marks("reliability.py")
put_into = partial(replace_between, BEGIN, END)


class Reading(NamedTuple):
    """The confidence of each reading of a test set, and whether it is right."""

    confidence: Floats
    right: Bools


def read_sets(model: bytes, data: Path, language: str, limit: int | None) -> dict[str, dict[str, Reading]]:
    """Reads all existing sets, each in the three ways. Raises UsageError if there are none."""
    readers = {
        DEFAULT: Reader(model),
        "read once": Reader(model, reread=0),
        UNCALIBRATED: Reader(calibrated(model, None)),
    }
    found = {}
    for labels, protocol in find_sets(data).get(language, {}).items():
        labelled = read_labels(labels, limit)
        found[labels.parent.name] = {
            way: Reading(*readings(reader, labelled, protocol)) for way, reader in readers.items()
        }
    return found


def ranking(confidence: Floats, right: Bools) -> float:
    """How often a right reading has more confidence than a wrong one (area under the ROC curve; ties count half)."""
    order = np.sort(confidence[~right])
    below, upto = (np.searchsorted(order, confidence[right], side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / max(len(order), 1))


def in_band(confidence: Floats) -> Bools:
    """Which readings have a confidence of about 0.9."""
    return (confidence >= BAND[0]) & (confidence < BAND[1])


def share(right: Bools, kept: Bools) -> str:
    """`97.5 of 83`: 83 % of the readings are kept, and 97.5 % of those are right."""
    return f"{100 * right[kept].mean():.1f} of {100 * kept.mean():.0f}" if kept.any() else "-"


def table(sets: dict[str, dict[str, Reading]]) -> str:
    """Markdown: for each set and way, the calibration, right readings at about 0.9, and what each threshold keeps."""
    columns = [f"{BAND[0]:g} to {BAND[1]:g}", *(f"from {threshold:g}" for threshold in THRESHOLDS)]
    rows = []
    for name, ways in sets.items():
        for way, (confidence, right) in ways.items():
            cells = [f"{name}, {len(right)}" if way == DEFAULT else "", way, f"{100 * right.mean():.1f}"]
            cells += [f"{100 * calibration_error(confidence, right):.1f}", f"{100 * ranking(confidence, right):.1f}"]
            kept = [in_band(confidence), *(confidence >= threshold for threshold in THRESHOLDS)]
            cells += [share(right, k) for k in kept]
            rows.append(cells)
    return "\n".join(markdown.table(["set", "", "right, %", "calibration error", "ranking", *columns], rows))


def curve(confidence: Floats, right: Bools) -> tuple[list[float], list[float]]:
    """The mean confidence and the share of right readings, in bins of equal size."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(right)))
    return [float(confidence[p].mean()) for p in parts], [float(right[p].mean()) for p in parts]


def plot(sets: dict[str, dict[str, Reading]], picture: Path) -> None:
    """Plots reliability curves without calibration and by default, side by side, as PNG."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for axis, title, way in zip(axes, ("without calibration", "by default"), (UNCALIBRATED, DEFAULT), strict=True):
        axis.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--")
        for color, (name, ways) in zip(COLORS, sets.items(), strict=False):
            axis.plot(*curve(*ways[way]), color=color, marker="o", markersize=3.5, label=name)
        axis.set(title=title, xlabel="confidence", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axis.grid(color="0.92")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share that is right")
    axes[0].legend(frameon=False, fontsize=9)
    save_figure(figure, picture)


def describe(header: dict[str, Any]) -> str:
    """One sentence on the model's calibration."""
    found = header["calibration"]
    data = f"{found['images']} images of {', '.join(found['data'])}" if "data" in found else "unnamed images"
    protocol = f", right by the protocol `{found['protocol']}`" if "protocol" in found else ""
    return f"Slope {found['slope']:g} and offset {found['offset']:g}, fitted on {data}{protocol}."


def describe_band(sets: dict[str, dict[str, Reading]]) -> str:
    """One sentence on how many readings of about 0.9 are right in each set by default."""
    shares = {name: right[in_band(confidence)] for name, ways in sets.items() for confidence, right in [ways[DEFAULT]]}
    each = [f"{100 * found.mean():.0f} % in {name}" for name, found in shares.items() if len(found)]
    return f"Of readings with a confidence from {BAND[0]:g} to {BAND[1]:g}, right are: {', '.join(each) or 'none'}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--language", default="en")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--plot", type=Path, default=None)
    parser.add_argument("--doc", type=Path, default=None)
    arguments = parser.parse_args()
    model = shipped.find(arguments.model).read_bytes()
    header, _ = bitfile.read(model)
    if "calibration" not in header:
        raise UsageError(f"{arguments.model} is not calibrated: run bitocr calibrate")
    sets = read_sets(model, arguments.data, arguments.language, arguments.limit)
    text = f"{describe(header)}\n{describe_band(sets)}\n\n{table(sets)}"
    print(text)
    if arguments.plot is not None:
        plot(sets, arguments.plot)
    if arguments.doc is not None:
        put_into(arguments.doc, text)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"reliability: {error}")
