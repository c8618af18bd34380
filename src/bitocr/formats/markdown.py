"""Markdown: paragraphs in reading order, headings by their height, tables where rows have the same number of cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import median

from bitocr.formats.document import Document, numbered
from bitocr.formats.geometry import height, paragraphs
from bitocr.page import Line, Page

# From how many times the height of most lines on, a short paragraph is a heading of the first and the second level.
_HEADINGS = ((1.8, "# "), (1.3, "## "))
_HEADING_LINES = 2
_SIGNS = re.compile(r"([\\`*_\[\]<>|])")  # of Markdown, anywhere in a line
_LINE_STARTS = re.compile(r"^(#{1,6}(?=\s)|[-+](?=\s)|[-=]+$|(\d+)(?=[.)]\s))")  # at its start


def render(documents: Sequence[Document]) -> bytes:
    pages = ("\n\n".join(_page(page)) for _, _, page in numbered(documents))
    return ("\n\n---\n\n".join(filter(None, pages)) + "\n").encode("utf-8", "replace")


def _page(page: Page) -> Iterator[str]:
    heights = [height(line.quad) for line in page.lines for _ in line.text]
    usual = median(heights) if heights else 1.0
    for block in page.blocks:
        for lines in paragraphs(block):
            yield _paragraph(lines, usual)


def _paragraph(lines: Sequence[Line], usual: float) -> str:
    rows = [list(row) for _, row in groupby(lines, lambda line: line.row)]
    if len(rows) > 1 and len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
        return _table(rows)
    texts = [" ".join(_escape(line.text) for line in row) for row in rows]
    if len(rows) <= _HEADING_LINES:
        tall = median(height(line.quad) for line in lines) / usual
        for least, sign in _HEADINGS:
            if tall >= least:
                return sign + " ".join(texts)
    return "\n".join(map(_escape_start, texts))


def _table(rows: Sequence[Sequence[Line]]) -> str:
    """Every Markdown table has a header, so the first row becomes it."""
    lines = ["| " + " | ".join(_escape(cell.text) for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])


def _escape(text: str) -> str:
    return _SIGNS.sub(r"\\\1", text)


def _escape_start(text: str) -> str:
    """Escapes what would otherwise begin a list or a heading."""
    found = _LINE_STARTS.match(text)
    if not found:
        return text
    at = found.end() if found[2] else 0
    return f"{text[:at]}\\{text[at:]}"
