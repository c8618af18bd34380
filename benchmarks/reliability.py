"""How far confidences can be trusted: reliability curves, calibration error, and what --min-confidence keeps.

    python benchmarks/reliability.py DIR [--model english] [--plot docs/reliability.png] [--doc docs/confidence.md]

DIR holds the test sets as for `make bench-peers`; what is missing is left out. Each is read with and without the
model's calibration. Prints the tables; --plot draws the curves, --doc puts the tables into a page, between its lines
that name this script.
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from peers import find_sets

from bitocr import Reader, bitfile, shipped
from bitocr.errors import BitocrError, UsageError
from bitocr.files import read_text, write_atomic
from bitocr.lab.export.calibrate import Bools, Floats, calibrated, calibration_error, readings
from bitocr.labels import read_labels

THRESHOLDS = (0.5, 0.8, 0.9, 0.95)
BINS = 10
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00")  # Okabe and Ito's, told apart by everybody
BEGIN, END = "<!-- benchmarks/reliability.py -->", "<!-- /benchmarks/reliability.py -->"


class Reading(NamedTuple):
    """A test set read: confidences without and with calibration, and which readings are right."""

    raw: Floats
    confidence: Floats
    right: Bools


def read_sets(model: bytes, data: Path, limit: int | None) -> dict[str, Reading]:
    """All sets that are there. Raises UsageError where none is."""
    found = {}
    for labels, protocol in find_sets(data).items():
        labelled = read_labels(labels, limit)
        raw, right = readings(Reader(calibrated(model, None)), labelled, protocol)
        found[labels.parent.name] = Reading(raw, readings(Reader(model), labelled, protocol)[0], right)
    return found


def ranking(confidence: Floats, right: Bools) -> float:
    """How often a right reading has more confidence than a wrong one: the area under the ROC curve, ties one half."""
    order = np.sort(confidence[~right])
    below, upto = (np.searchsorted(order, confidence[right], side) for side in ("left", "right"))
    return float((below + upto).mean() / 2 / max(len(order), 1))


def tables(sets: dict[str, Reading]) -> str:
    """Markdown: calibration of each set, then what each threshold keeps of it."""
    rows = [
        "| set | images | right, % | calibration error | without | ranking | without |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (raw, confidence, right) in sets.items():
        errors = [f"{100 * calibration_error(values, right):.1f}" for values in (confidence, raw)]
        ranks = [f"{100 * ranking(values, right):.1f}" for values in (confidence, raw)]
        figures = (str(len(right)), f"{100 * right.mean():.1f}", errors[0], errors[1], ranks[0], ranks[1])
        rows.append(f"| {name} | {' | '.join(figures)} |")
    heads = " | ".join(f"from {threshold:g}" for threshold in THRESHOLDS)
    rows += ["", f"| set | | all | {heads} |", "|---|---|---|" + "---|" * len(THRESHOLDS)]
    for name, (raw, confidence, right) in sets.items():
        for what, values in (("calibrated", confidence), ("without", raw)):
            kept = [values >= threshold for threshold in (0, *THRESHOLDS)]
            cells = [f"{100 * right[k].mean():.1f} of {100 * k.mean():.0f}" if k.any() else "-" for k in kept]
            rows.append(f"| {name if what == 'calibrated' else ''} | {what} | {' | '.join(cells)} |")
    return "\n".join(rows)


def curve(confidence: Floats, right: Bools) -> tuple[list[float], list[float]]:
    """Mean confidence and share that is right, in bins of equally many readings."""
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(BINS, len(right)))
    return [float(confidence[p].mean()) for p in parts], [float(right[p].mean()) for p in parts]


def plot(sets: dict[str, Reading]) -> bytes:
    """Reliability curves without and with calibration, side by side, as PNG."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 4.4), sharey=True, layout="constrained")
    for axis, title, column in ((axes[0], "without calibration", 0), (axes[1], "calibrated", 1)):
        axis.plot([0, 1], [0, 1], color="0.6", linewidth=1, linestyle="--")
        for color, (name, reading) in zip(COLORS, sets.items(), strict=False):
            axis.plot(*curve(reading[column], reading.right), color=color, marker="o", markersize=3.5, label=name)
        axis.set(title=title, xlabel="confidence", xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axis.grid(color="0.92")
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("share that is right")
    axes[0].legend(frameon=False, fontsize=9)
    stream = io.BytesIO()
    figure.savefig(stream, dpi=110, metadata={"Software": None})
    plt.close(figure)
    return stream.getvalue()


def put_into(page: Path, text: str) -> None:
    """Replaces what stands between the page's two lines that name this script. Raises UsageError."""
    before, begin, rest = read_text(page).partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UsageError(f"{page}: it has no lines {BEGIN} and {END}")
    write_atomic(page, f"{before}{BEGIN}\n{text}\n{END}{after}".encode())


def describe(header: dict[str, Any]) -> str:
    """One sentence on the model's calibration."""
    found = header["calibration"]
    data = f"{found['images']} images of {', '.join(found['data'])}" if "data" in found else "unnamed images"
    return f"Slope {found['slope']:g} and offset {found['offset']:g}, fitted on {data}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--plot", type=Path, default=None)
    parser.add_argument("--doc", type=Path, default=None)
    arguments = parser.parse_args()
    model = shipped.find(arguments.model).read_bytes()
    header, _ = bitfile.read(model)
    if "calibration" not in header:
        raise UsageError(f"{arguments.model} is not calibrated: run bitocr calibrate")
    sets = read_sets(model, arguments.data, arguments.limit)
    text = f"{describe(header)}\n\n{tables(sets)}"
    print(text)
    if arguments.plot is not None:
        write_atomic(arguments.plot, plot(sets))
    if arguments.doc is not None:
        put_into(arguments.doc, text)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"reliability: {error}")
