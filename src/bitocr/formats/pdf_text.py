"""The text of a page in a PDF: invisible, words as wide as in the picture, and spaces as wide as its gaps."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from math import inf
from statistics import median

from bitocr.formats.geometry import along, direction, height, length, narrowed
from bitocr.formats.pdf_file import number
from bitocr.formats.pdf_font import ADVANCE, ASCENT, DESCENT
from bitocr.page import Line, Page

_ALIKE = 0.2  # by what part lines of one height may differ, as they were measured


def text_layer(page: Page, scale: float) -> bytes:
    """The operators that show the text of a page. scale: points of the PDF for each pixel."""
    lines = [b"".join(_line(page, line, high, scale)) for line, high in _heights(page) if line.words and high > 0]
    return b"BT 3 Tr\n" + b"".join(lines) + b"ET\n" if lines else b""


def _heights(page: Page) -> Iterator[tuple[Line, float]]:
    """The heights of lines, in pixels. Similar heights in a block become equal, so that programs join the lines."""
    for block in page.blocks:
        heights = [height(line.quad) for line in block.lines]
        usual = median(heights)
        for line, own in zip(block.lines, heights, strict=True):
            yield line, usual if abs(own - usual) <= _ALIKE * usual else own


def _line(page: Page, line: Line, high: float, scale: float) -> Iterator[bytes]:
    """Each word has its space with it in one operator: PDFium leaves out words of one letter that stand alone."""
    size = high * scale * 1000 / (ASCENT - DESCENT)
    yield b"/F %b Tf %b Tm\n" % (number(size, 2), b" ".join(number(each) for each in _matrix(page, line, high, scale)))
    starts = [along(line, word.quad[0]) * scale for word in line.words]
    before = starts[0]
    for word, start, following in zip(line.words, starts, [*starts[1:], inf], strict=True):
        wide = length(word.quad) * scale
        yield _shown(word.text, start - before, narrowed(wide, following - start - wide, size), size)
        before = start


def _matrix(page: Page, line: Line, high: float, scale: float) -> Sequence[float]:
    """Turns the text as the line is turned, and begins on its baseline at its first word. y points up in a PDF."""
    angle = math.radians(-direction(line.quad))
    (ax, ay), _, _, (dx, dy) = line.words[0].quad
    down = high * (0.5 + DESCENT / (ASCENT - DESCENT))  # from the middle of the line to the baseline
    x, y = (ax + dx) / 2 + down * math.sin(angle), (ay + dy) / 2 + down * math.cos(angle)
    cos, sin = math.cos(angle), math.sin(angle)
    return cos, sin, -sin, cos, x * scale, (page.height - y) * scale


def _shown(text: str, step: float, width: float, size: float) -> bytes:
    """Moves ahead, and shows a word stretched to a width, with a space after it."""
    codes = text.encode("utf-16-be", "replace")
    natural = max(len(codes) / 2, 1) * size * ADVANCE / 1000
    stretch = max(100 * width / natural, 0.01)
    return b"%b 0 Td %b Tz<%b0020>Tj\n" % (number(step, 2), number(stretch, 1), codes.hex().encode())
