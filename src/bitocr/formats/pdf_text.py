"""A page's text as it stands in a PDF: invisible, words as wide as in the picture, and spaces as wide as its gaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median

from bitocr.formats.geometry import direction, height, length
from bitocr.formats.pdf_file import number
from bitocr.formats.pdf_font import ADVANCE, ASCENT, DESCENT
from bitocr.page import Line, Page, Quad, Word

_LEAST_SPACE = 0.05  # of the font's size
_ALIKE = 0.2  # by what part lines of one height may differ, as they were measured


def text_layer(page: Page, scale: float) -> bytes:
    """The operators that show the text of a page. scale: points of the PDF for each pixel."""
    lines = [b"".join(_line(page, line, high, scale)) for line, high in _heights(page) if line.words and high > 0]
    return b"BT 3 Tr\n" + b"".join(lines) + b"ET\n" if lines else b""


def _heights(page: Page) -> Iterator[tuple[Line, float]]:
    """How high lines are, in pixels. Those of a block that differ little are equal: programs join them by that."""
    for block in page.blocks:
        heights = [height(line.quad) for line in block.lines]
        usual = median(heights)
        for line, own in zip(block.lines, heights, strict=True):
            yield line, usual if abs(own - usual) <= _ALIKE * usual else own


def _line(page: Page, line: Line, high: float, scale: float) -> Iterator[bytes]:
    """Once placed, the words follow each other: each one's space ends where the next word begins."""
    size = high * scale * 1000 / (ASCENT - DESCENT)
    yield b"/F %b Tf %b Tm\n" % (number(size, 2), b" ".join(number(each) for each in _matrix(page, line, high, scale)))
    following: list[Word | None] = [*line.words[1:], None]
    for word, after in zip(line.words, following, strict=True):
        yield _shown(word.text, length(word.quad) * scale, size)
        yield _shown(" ", max(_gap(line.quad, word, after) * scale, _LEAST_SPACE * size), size)


def _matrix(page: Page, line: Line, high: float, scale: float) -> Sequence[float]:
    """Turns the text as the line is turned, and begins on its baseline at its first word. y points up in a PDF."""
    angle = math.radians(-direction(line.quad))
    (ax, ay), _, _, (dx, dy) = line.words[0].quad
    down = high * (0.5 + DESCENT / (ASCENT - DESCENT))  # from the middle of the line to the baseline
    x, y = (ax + dx) / 2 + down * math.sin(angle), (ay + dy) / 2 + down * math.cos(angle)
    cos, sin = math.cos(angle), math.sin(angle)
    return cos, sin, -sin, cos, x * scale, (page.height - y) * scale


def _gap(line: Quad, word: Word, after: Word | None) -> float:
    """How far it is along a line from a word's end to the next word's beginning, in pixels."""
    if after is None:
        return 0
    angle = math.radians(direction(line))
    (bx, by), (ax, ay) = word.quad[1], after.quad[0]
    return (ax - bx) * math.cos(angle) + (ay - by) * math.sin(angle)


def _shown(text: str, width: float, size: float) -> bytes:
    """Shows a text stretched to a width in points."""
    codes = text.encode("utf-16-be", "replace")
    natural = len(codes) / 2 * size * ADVANCE / 1000
    return b"%b Tz<%b>Tj\n" % (number(max(100 * width / natural, 0.01), 2), codes.hex().encode()) if codes else b""
