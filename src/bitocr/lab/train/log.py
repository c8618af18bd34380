"""The log.csv of a training, with one row per validation, and its plot."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from bitocr.io.files import write_atomic
from bitocr.lab.figures import save_figure


def append_row(path: Path, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Adds a row to a log and returns all rows.

    Rewrites the file, so that its columns cover all rows (validation sets may change) and a half-written row of a
    stopped run disappears.
    """
    rows = [*read_log(path), row]
    columns = list(dict.fromkeys(name for each in rows for name in each))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_atomic(path, text.getvalue().encode())
    return rows


def read_log(path: Path) -> list[dict[str, Any]]:
    """The complete rows of a log, each with its own columns; empty if there is no log."""
    if not path.exists():
        return []
    lines = path.read_text("utf-8", errors="replace").replace("\0", "").splitlines()
    rows = []
    for texts in csv.DictReader(lines):
        row = {name: number for name, text in texts.items() if (number := to_number(text)) is not None}
        if None not in texts and "seen" in row and "loss" in row:  # None: more values than columns
            rows.append(row)
    return rows


def to_number(text: Any) -> float | None:
    kinds: tuple[type[int], type[float]] = (int, float)
    for kind in kinds:
        try:
            return kind(text)
        except (TypeError, ValueError):
            continue
    return None


def draw_curves(rows: list[dict[str, Any]], picture: Path) -> None:
    """Plots the loss and accuracies of a log over the images seen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    left = figure.subplots()
    left.plot([row["seen"] for row in rows], [row["loss"] for row in rows], color="0.6", label="training loss")
    left.set(xlabel="images seen", ylabel="loss", yscale="log")
    right = left.twinx()
    for name in dict.fromkeys(key for row in rows for key in row if key.endswith("accuracy")):
        points = [(row["seen"], 100 * row[name]) for row in rows if name in row]
        right.plot(*zip(*points, strict=True), marker=".", label=name)
    right.set(ylabel="accuracy, %", ylim=(0, 100))
    figure.legend(loc="outside upper center", ncols=4)
    save_figure(figure, picture)
