"""The text that a PDF page already holds, as a Page."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bitocr.page import Block, Char, Line, Page, Quad, Word

if TYPE_CHECKING:
    import pypdfium2

MODEL = "pdf"  # what `Page.model` is of text that was taken and not read
_MOST_CHARACTERS = 200_000
_HYPHEN = "\x02"  # how PDFium gives a hyphen at a line's end
_ENDS = "\r\n"


def text_of(page: pypdfium2.PdfPage, scale: float) -> Page | None:
    """The text, with boxes in pixels of the page at this scale; None if there is none, or too much to be text."""
    textpage = page.get_textpage()
    try:
        count = textpage.count_chars()
        if not 0 < count <= _MOST_CHARACTERS:
            return None
        width, height = page.get_size()
        size = max(1, math.ceil(width * scale)), max(1, math.ceil(height * scale))
        lines = tuple(_lines(_characters(page, textpage, count, size)))
    finally:
        textpage.close()
    if not lines:
        return None
    text = "\n".join(line.text for line in lines)
    return Page(*size, text=text, blocks=(Block(_around([line.quad for line in lines]), lines),), model=MODEL)


def _characters(page: Any, textpage: Any, count: int, size: tuple[int, int]) -> Iterator[Char]:
    from pypdfium2 import raw

    box = [ctypes.c_double() for _ in range(4)]
    for i in range(count):
        code = raw.FPDFText_GetUnicode(textpage, i)
        if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
            continue
        raw.FPDFText_GetCharBox(textpage, i, *map(ctypes.byref, box))
        left, right, bottom, top = (each.value for each in box)
        corners = _device(page, size, left, top), _device(page, size, right, bottom)
        char = "-" if chr(code) == _HYPHEN else chr(code)
        yield Char(char, 1.0, _upright(*corners))


def _device(page: Any, size: tuple[int, int], x: float, y: float) -> tuple[int, int]:
    """A point in pixels from the top left of the page as it is shown."""
    from pypdfium2 import raw

    out = ctypes.c_int(), ctypes.c_int()
    raw.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, *map(ctypes.byref, out))
    return out[0].value, out[1].value


def _upright(one: tuple[float, float], other: tuple[float, float]) -> Quad:
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _around(quads: list[Quad]) -> Quad:
    corners = [corner for quad in quads for corner in quad]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return _upright((min(xs), min(ys)), (max(xs), max(ys)))


def _lines(chars: Iterator[Char]) -> Iterator[Line]:
    """The lines. PDFium adds the line ends and spaces that it sees between characters."""
    words: list[list[Char]] = [[]]
    number = 0
    for char in (*chars, Char("\n", 1.0, _upright((0, 0), (0, 0)))):
        if char.char in _ENDS:
            line = _line([word for word in words if word], number)
            if line is not None:
                yield line
                number += 1
            words = [[]]
        elif char.char.isspace():
            words.append([])
        elif char.char.isprintable():
            words[-1].append(char)


def _line(words: list[list[Char]], number: int) -> Line | None:
    if not words:
        return None
    made = tuple(
        Word("".join(char.char for char in word), 1.0, _around([char.quad for char in word]), tuple(word))
        for word in words
    )
    return Line(" ".join(word.text for word in made), 1.0, _around([word.quad for word in made]), made, 0, number)
