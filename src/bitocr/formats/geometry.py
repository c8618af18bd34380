"""Upright boxes, directions and baselines of quads, as the formats write them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from bitocr.page import Block, Line, Page, Quad

# How high above the lower edge of a line's quad its letters stand, and how high its font is, as parts of its height.
BASELINE, FONT_SIZE = 0.15, 1.3
# Other programs do not see a gap narrower than this part of a line's height. It takes what it lacks from the word
# before it, up to a part of the height.
_LEAST_GAP, _MOST_BORROWED = 0.2, 0.14


class Box(NamedTuple):
    """An upright box in whole pixels, inside the page. right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top


def box_of(quads: Iterable[Quad], page: Page) -> Box:
    """The box around quads, or the whole page if there are none."""
    corners = [corner for quad in quads for corner in quad]
    if not corners:
        return Box(0, 0, page.width, page.height)
    xs, ys = zip(*corners, strict=True)
    left, top = _within(min(xs), page.width), _within(min(ys), page.height)
    right, bottom = _within(max(xs), page.width), _within(max(ys), page.height)
    return Box(min(left, right), min(top, bottom), right, bottom)


def _within(value: float, most: int) -> int:
    """The nearest pixel edge: rounding outward would close the gaps by which programs tell words apart."""
    return max(0, min(math.floor(value + 0.5), most))


def direction(quad: Quad) -> float:
    """How many degrees a text is turned clockwise, above -180 up to 180."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return math.degrees(math.atan2(by - ay + cy - dy, bx - ax + cx - dx))


def length(quad: Quad) -> float:
    """A text's length along its line."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return math.hypot(bx - ax + cx - dx, by - ay + cy - dy) / 2


def height(quad: Quad) -> float:
    """The height of a text's line."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = quad
    return math.hypot(dx - ax + cx - bx, dy - ay + cy - by) / 2


def quarter(quad: Quad) -> int:
    """The nearest of 0, 90, 180 and 270 degrees that a text is turned by counterclockwise, as hOCR's textangle is."""
    return round(-direction(quad) / 90) % 4 * 90


def baseline(line: Line, page: Page) -> tuple[float, int]:
    """Slope and intercept of an upright line's baseline, from the lower left corner of its box; y points down."""
    box = box_of([line.quad], page)
    slope = math.tan(math.radians(direction(line.quad)))
    x, y = line.quad[3]
    return slope, round(y - BASELINE * height(line.quad) - slope * (x - box.left) - box.bottom)


def narrowed(width: float, gap: float, high: float) -> float:
    """A word's width, reduced so that the gap after it can be seen. high: of its line; all in the same unit."""
    return max(0, width - min(max(_LEAST_GAP * high - gap, 0), _MOST_BORROWED * high))


def along(line: Line, point: tuple[float, float]) -> float:
    """How far a point is along a line's direction, in pixels."""
    angle = math.radians(direction(line.quad))
    return point[0] * math.cos(angle) + point[1] * math.sin(angle)


def paragraphs(block: Block) -> Iterator[list[Line]]:
    """The lines of each paragraph."""
    for _, lines in groupby(block.lines, lambda line: line.paragraph):
        yield list(lines)
