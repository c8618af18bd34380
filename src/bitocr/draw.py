"""Draws what was found on a page: boxes with a colour for each block, and the reading order of lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFont

from bitocr.defaults import MAX_PIXELS
from bitocr.io.images import load
from bitocr.page import Line, Page, Quad

if TYPE_CHECKING:
    from bitocr.io.images import Source

_COLOURS = ((214, 39, 40), (31, 119, 180), (44, 140, 44), (148, 60, 189), (220, 110, 0), (0, 140, 140))
_FILL, _WORD, _EDGE = 28, 110, 235  # opacity of a line's inside, of its words' borders, and of its own border
_SMALLEST, _LARGEST = 9, 28  # heights of numbers, in pixels

Colour = tuple[int, int, int]


def draw(image: Source, page: Page, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """The picture, RGB and upright, with the boxes of a page's lines and words and each line's number in reading order.

    image: the image given to `Reader.read` or `Reader.find`. page: the result, without more `pages`.
    max_pixels: as that of the reader. Raises ImageError if the image cannot be read.
    """
    picture = Image.fromarray(load(image, max_pixels)).convert("RGB")
    pen = ImageDraw.Draw(picture, "RGBA")
    width = max(1, round(max(picture.size) / 700))
    numbered = [(line, _COLOURS[i % len(_COLOURS)]) for i, block in enumerate(page.blocks) for line in block.lines]
    for line, colour in numbered:
        _draw_boxes(pen, line, colour, width)
    for number, (line, colour) in enumerate(numbered, 1):
        _draw_number(pen, line, str(number), colour)
    return picture


def with_text(picture: Image.Image, page: Page) -> Image.Image:
    """The picture, and to its right a white sheet of its size with the text of each line in its place.

    Text is drawn in Pillow's own font: lines with other than Latin letters are left out.
    """
    width, height = picture.size
    both = Image.new("RGB", (2 * width, height), "white")
    both.paste(picture)
    pen = ImageDraw.Draw(both)
    for line in page.lines:
        if line.text.encode("latin-1", "replace").decode("latin-1") == line.text:
            _draw_text(pen, line, width)
    return both


def _draw_text(pen: ImageDraw.ImageDraw, line: Line, offset: int) -> None:
    """At the middle of the line, as large as its box lets it be."""
    left, right = min(x for x, _ in line.quad), max(x for x, _ in line.quad)
    top, bottom = min(y for _, y in line.quad), max(y for _, y in line.quad)
    size = max(0.75 * (bottom - top), _SMALLEST)
    wide = ImageFont.load_default(size).getlength(line.text)
    font = ImageFont.load_default(max(size * min(1.0, (right - left) / max(wide, 1)), 1))
    pen.text((offset + left, (top + bottom) / 2), line.text, fill="black", font=font, anchor="lm")


def _draw_boxes(pen: ImageDraw.ImageDraw, line: Line, colour: Colour, width: int) -> None:
    pen.polygon(line.quad, fill=(*colour, _FILL))
    if len(line.words) > 1:
        for word in line.words:
            _outline(pen, word.quad, (*colour, _WORD), 1)
    _outline(pen, line.quad, (*colour, _EDGE), width)


def _outline(pen: ImageDraw.ImageDraw, quad: Quad, colour: tuple[int, int, int, int], width: int) -> None:
    pen.line([*quad, quad[0]], fill=colour, width=width)


def _draw_number(pen: ImageDraw.ImageDraw, line: Line, number: str, colour: Colour) -> None:
    """Draws a small flag at the line's first corner, outside the line if there is room."""
    (x, y), (below_x, below_y) = line.quad[0], line.quad[3]
    height = ((below_x - x) ** 2 + (below_y - y) ** 2) ** 0.5
    font = ImageFont.load_default(min(max(round(0.6 * height), _SMALLEST), _LARGEST))
    left, top, right, bottom = font.getbbox(number)
    wide, high = right - left + 4, bottom - top + 4
    corner = max(x - wide, 0), min(max(y - high / 2, 0), max(pen.im.size[1] - high, 0))
    pen.rectangle((*corner, corner[0] + wide, corner[1] + high), fill=(*colour, _EDGE))
    pen.text((corner[0] + 2 - left, corner[1] + 2 - top), number, fill="white", font=font)
