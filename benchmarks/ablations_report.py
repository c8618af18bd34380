"""The table and the picture of what ablations.py measured."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablations_rows import GROUPS, NOTES

from bitocr.files import write_atomic

#: Finished runs of each row, by (group, row): a result a seed.
Results = dict[tuple[str, str], list[dict[str, Any]]]

COLUMNS = ("IIIT5K accuracy", "IIIT5K cer", "validation accuracy", "validation cer")


def shown(values: Sequence[float]) -> str:
    """Mean in percent, and where there are several each of them."""
    mean = f"{100 * sum(values) / len(values):.1f}"
    each = ", ".join(f"{100 * value:.1f}" for value in values)
    return f"{mean} ({each})" if len(values) > 1 else mean


def table(results: Results, facts: Sequence[str]) -> str:
    """Markdown: what was measured how, and a table a group."""
    lines = ["# Ablations", "", "Written by `benchmarks/ablations.py`, as is the picture.", ""]
    lines += [*(f"- {fact}" for fact in facts), "", "![word accuracy](ablations.png)", ""]
    for group, rows in GROUPS.items():
        found = [(row, results[group, row]) for row in rows if results.get((group, row))]
        if not found:
            continue
        lines += [f"## {group.capitalize()}", "", NOTES[group], ""]
        lines += ["| | IIIT5K accuracy, % | CER, % | validation accuracy, % | CER, % |", "|---|---|---|---|---|"]
        for row, runs in found:
            lines.append(f"| {row} | " + " | ".join(shown([run[column] for run in runs]) for column in COLUMNS) + " |")
        lines.append("")
    return "\n".join(lines)


def draw(results: Results, picture: Path) -> None:
    """A bar a row, the mean word accuracy on IIIT5K, and a dot a seed."""
    from matplotlib.figure import Figure

    groups = [group for group in GROUPS if any(key[0] == group for key in results)]
    counts = [sum(key[0] == group for key in results) for group in groups]
    figure = Figure(figsize=(7.5, 0.26 * sum(counts) + 0.55 * len(groups) + 0.6), layout="constrained")
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False, height_ratios=[n + 0.8 for n in counts])
    for panel, group in zip(panels[:, 0], groups, strict=True):
        rows = [row for row in GROUPS[group] if (group, row) in results]
        for place, row in enumerate(rows):
            values = [100 * run["IIIT5K accuracy"] for run in results[group, row]]
            panel.barh(place, sum(values) / len(values), color="#9db8d2", height=0.7)
            panel.plot(values, [place] * len(values), "o", color="#1f3b57", markersize=4)
        panel.set_yticks(range(len(rows)), rows)
        panel.invert_yaxis()
        panel.set_title(group, loc="left", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("IIIT5K word accuracy, % (bars: mean; dots: seeds)")
    temporary = picture.with_suffix(".part.png")
    figure.savefig(temporary, dpi=110)
    os.replace(temporary, picture)


def write_report(results: Results, facts: Sequence[str], folder: Path) -> None:
    """ablations.md and ablations.png in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if results:
        draw(results, folder / "ablations.png")
    write_atomic(folder / "ablations.md", table(results, facts).encode())
