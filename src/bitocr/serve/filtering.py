"""Drops lines below a confidence from pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bitocr.page import Line, Page


def without_unsure(page: Page, least: float) -> Page:
    """The page with only the lines that have at least this confidence."""
    if least <= 0 or all(line.confidence >= least for line in page.lines):
        return page
    blocks = [replace(block, lines=tuple(_kept(block.lines, least))) for block in page.blocks]
    return replace(
        page,
        blocks=tuple(block for block in blocks if block.lines),
        text=text_of([line for block in blocks for line in block.lines]),
    )


def text_of(lines: Sequence[Line]) -> str:
    """As the engine puts lines together: a tab within a row, a line feed between rows, two between paragraphs."""
    text = ""
    for before, line in zip([None, *lines], lines, strict=False):
        if before is not None:
            text += _between(before, line)
        text += line.text
    return text


def _between(before: Line, line: Line) -> str:
    if before.paragraph != line.paragraph:
        return "\n\n"
    return "\t" if before.row == line.row else "\n"


def _kept(lines: Sequence[Line], least: float) -> list[Line]:
    return [line for line in lines if line.confidence >= least]
