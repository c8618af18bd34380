"""Tables in markdown."""

from __future__ import annotations

from collections.abc import Sequence


def row(cells: Sequence[str]) -> str:
    """A row of a table, with `|` in cells escaped."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """The lines of a table. `right` lists the columns to align to the right."""
    rule = ["---:" if column in right else "---" for column in range(len(heads))]
    return [row(cells) for cells in (heads, rule, *rows)]
