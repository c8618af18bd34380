"""The table and the picture of what ablations.py measured."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablations_rows import FORMERLY, GROUPS, NOTES

from bitocr.io.files import write_atomic

#: Finished runs of each row, by (group, row): a result a seed.
Results = dict[tuple[str, str], list[dict[str, Any]]]

COLUMNS = ("validation accuracy", "validation cer", "IIIT5K accuracy", "IIIT5K cer")
HEADS = ("", "validation accuracy, %", "CER, %", "IIIT5K accuracy, %", "CER, %", "time")


def shown(values: Sequence[float]) -> str:
    """Mean in percent, and where there are several each of them."""
    mean = f"{100 * sum(values) / len(values):.1f}"
    each = ", ".join(f"{100 * value:.1f}" for value in values)
    return f"{mean} ({each})" if len(values) > 1 else mean


def command_of(arguments: Namespace, defaults: dict[str, Any]) -> str:
    """The command that these arguments are, without options that have their defaults, and `{}` where groups stand."""
    given = {name: getattr(arguments, name) for name in defaults if getattr(arguments, name) != defaults[name]}
    options = "".join(f" --{name.replace('_', '-')} {value}" for name, value in given.items())
    return f"python benchmarks/ablations.py{{}} --data DIR{options}"


def trained_by(runs: Sequence[dict[str, Any]]) -> str:
    """A sentence on the code that trained these runs, and on what it did otherwise than today's."""
    codes = sorted({run.get("code", "code that was not recorded") for run in runs})
    otherwise = [f" Then {FORMERLY[code.split('+')[0]]}." for code in codes if code.split("+")[0] in FORMERLY]
    return f"Trained by {', '.join(codes)}.{''.join(otherwise)}"


def introduction(results: Results, facts: Sequence[str], command: str) -> list[str]:
    """Which command wrote this, and what was measured how."""
    codes = {run.get("code") for runs in results.values() for run in runs}
    several = [
        "Not all groups were trained by the same code, which each names, so compare rows of one group only. Run again, "
        "the command trains every row by the code that is there."
    ]
    return [
        "# Ablations",
        "",
        "This command measures all rows and writes this page and its picture; each group has one of its own. DIR holds",
        "`train/ic15_words`, `val/iiit5k_words` and `eval/iiit5k_words`, each with a `labels.tsv`.",
        "",
        "```sh",
        command.format(""),
        "```",
        "",
        "What was learned stands in [distillation.md](distillation.md#ablations).",
        "",
        *(f"- {fact}" for fact in [*facts, *(several if len(codes) > 1 else [])]),
        "",
        "![word accuracy](ablations.png)",
        "",
    ]


def table(results: Results, facts: Sequence[str], command: str) -> str:
    """Markdown: what was measured how, and a table a group.

    `command` has a `{}` where a group's name stands. The column `time` is a row's over that of its group's first.
    """
    lines = introduction(results, facts, command)
    for group, rows in GROUPS.items():
        found = [(row, results[group, row]) for row in rows if results.get((group, row))]
        if not found:
            continue
        lines += [f"## {group.capitalize()}", "", NOTES[group], trained_by([run for _, runs in found for run in runs])]
        lines += ["", "```sh", command.format(f" {group}"), "```", ""]
        lines += [f"| {' | '.join(HEADS)} |", "|---" * len(HEADS) + "|"]
        first = seconds(found[0][1])
        for row, runs in found:
            figures = [shown([run[column] for run in runs]) for column in COLUMNS]
            lines.append(f"| {' | '.join([row, *figures, f'{seconds(runs) / first:.1f}'])} |")
        lines.append("")
    return "\n".join(lines)


def seconds(runs: Sequence[dict[str, Any]]) -> float:
    """The mean time of a row's runs, of training and of reading both sets."""
    return float(sum(run["seconds"] for run in runs) / len(runs))


def draw(results: Results, picture: Path) -> None:
    """A bar a row, the mean word accuracy on validation, and a dot a seed."""
    from matplotlib.figure import Figure

    groups = [group for group in GROUPS if any(key[0] == group for key in results)]
    counts = [sum(key[0] == group for key in results) for group in groups]
    figure = Figure(figsize=(7.5, 0.26 * sum(counts) + 0.55 * len(groups) + 0.6), layout="constrained")
    panels = figure.subplots(len(groups), 1, sharex=True, squeeze=False, height_ratios=[n + 0.8 for n in counts])
    for panel, group in zip(panels[:, 0], groups, strict=True):
        rows = [row for row in GROUPS[group] if (group, row) in results]
        for place, row in enumerate(rows):
            values = [100 * run["validation accuracy"] for run in results[group, row]]
            panel.barh(place, sum(values) / len(values), color="#9db8d2", height=0.7)
            panel.plot(values, [place] * len(values), "o", color="#1f3b57", markersize=4)
        panel.set_yticks(range(len(rows)), rows)
        panel.invert_yaxis()
        panel.set_title(group, loc="left", fontsize=10)
        panel.spines[["top", "right"]].set_visible(False)
    panels[-1, 0].set_xlabel("validation word accuracy, % (bars: mean; dots: seeds)")
    temporary = picture.with_suffix(".part.png")
    figure.savefig(temporary, dpi=110)
    os.replace(temporary, picture)


def write_report(results: Results, facts: Sequence[str], folder: Path, command: str) -> None:
    """ablations.md and ablations.png in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    if results:
        draw(results, folder / "ablations.png")
    write_atomic(folder / "ablations.md", table(results, facts, command).encode())
