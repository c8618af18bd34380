"""Places the labels of points so that none covers another label or a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, pi, sin

Point = tuple[float, float]

#: Half the side of a point's marker. All lengths here are in points (1/72 inch).
MARKER = 3.5
NEAREST, STEP = 9, 6
DIRECTIONS = 16


def place(points: Sequence[Point], sizes: Sequence[Point]) -> list[Point]:
    """The offset of each label's middle from its point, as small as the room allows.

    Args:
        points: the positions of the points.
        sizes: the width and height of each label.
    """
    markers = [(x, y, 2 * MARKER, 2 * MARKER) for x, y in points]
    taken, offsets = markers, []
    for (x, y), (width, height) in zip(points, sizes, strict=True):
        dx, dy = next(
            (dx, dy)
            for dx, dy in spiral()
            if not any(overlap((x + dx, y + dy, width, height), other) for other in taken)
        )
        offsets.append((dx, dy))
        taken = [*taken, (x + dx, y + dy, width, height)]
    return offsets


def spiral() -> Iterator[Point]:
    """The offsets to try, ring by ring; each ring begins at the upper right."""
    radius = float(NEAREST)
    while True:
        for number in range(DIRECTIONS):
            angle = pi / 4 + 2 * pi * number / DIRECTIONS
            yield radius * cos(angle), radius * sin(angle)
        radius += STEP


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes overlap. A box is its middle, its width and its height."""
    return abs(one[0] - other[0]) < (one[2] + other[2]) / 2 and abs(one[1] - other[1]) < (one[3] + other[3]) / 2
