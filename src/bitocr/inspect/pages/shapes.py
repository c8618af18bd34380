"""Polygons around text: as convex hulls for their overlap, and as rectangles along the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
Points = NDArray[np.float64]
_UPRIGHT = 1.5
"""Widths of a box of several characters above which its text runs down."""


def hull(points: Points) -> list[Point]:
    """The convex hull, in one direction."""
    ordered = sorted({(float(x), float(y)) for x, y in points})
    if len(ordered) <= 2:
        return ordered
    return _chain(ordered) + _chain(ordered[::-1])


def _chain(points: list[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in points:
        while len(chain) >= 2 and _side(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain[:-1]


def _side(a: Point, b: Point, p: Point) -> float:
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])


def area(polygon: Sequence[Point]) -> float:
    if len(polygon) < 3:
        return 0.0
    turns = (a[0] * b[1] - b[0] * a[1] for a, b in zip(polygon, [*polygon[1:], polygon[0]], strict=True))
    return 0.5 * abs(sum(turns))


def clip(subject: Sequence[Point], clipper: Sequence[Point]) -> list[Point]:
    """What of one convex polygon lies in another of the same direction (Sutherland and Hodgman)."""
    kept = list(subject)
    for i in range(len(clipper)):
        kept = _cut(kept, clipper[i - 1], clipper[i])
    return kept


def _cut(polygon: list[Point], a: Point, b: Point) -> list[Point]:
    kept: list[Point] = []
    for i, q in enumerate(polygon):
        p = polygon[i - 1]
        side_p, side_q = _side(a, b, p), _side(a, b, q)
        if (side_p >= 0) != (side_q >= 0):
            share = side_p / (side_p - side_q)
            kept.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
        if side_q >= 0:
            kept.append(q)
    return kept


class Shape:
    """A polygon's hull, and its rectangle: `centre`, `along` (a unit vector along the text), `length` and `height`.

    Args:
        points: [N, 2]. Of four, the first two are above the text.
        characters: of several in a box that is higher than wide, the text runs down.
    """

    def __init__(self, points: Sequence[Sequence[float]], characters: int = 2) -> None:
        given = np.asarray(points, np.float64)
        self.hull = hull(given)
        self.area = area(self.hull)
        corners = np.array(self.hull or [(0.0, 0.0)])
        self.low, self.high = corners.min(0), corners.max(0)
        found = _quadrilateral(given, characters) if len(given) == 4 else _least_rectangle(corners)
        self.centre, along, length, height = found
        if along[0] < -1e-6 and abs(along[0]) >= abs(along[1]):
            along = -along
        self.along, self.length, self.height = along, max(length, 1e-6), max(height, 1e-6)

    def points(self, count: int) -> Points:
        """So many points along the text, [count, 2]."""
        shares = (np.arange(count) + 0.5) / count - 0.5
        return np.asarray(self.centre + self.along * (shares * self.length)[:, None])

    def holds(self, points: Points, longer: float = 0.0) -> NDArray[np.bool_]:
        """Which points lie in the rectangle, made longer at both ends by so much."""
        from_centre = points - self.centre
        across = np.array([-self.along[1], self.along[0]])
        in_length = abs(from_centre @ self.along) <= self.length / 2 + longer
        return np.asarray(in_length & (abs(from_centre @ across) <= self.height / 2))

    def is_apart(self, other: Shape) -> bool:
        """Whether their upright boxes do not touch."""
        return bool((self.low > other.high).any() or (other.low > self.high).any())


def _quadrilateral(points: Points, characters: int) -> tuple[Points, Points, float, float]:
    a, b, c, d = points
    along, down = (b - a) + (c - d), (d - a) + (c - b)
    length, height = float(np.hypot(*along)) / 2, float(np.hypot(*down)) / 2
    along = along / (2 * length) if length else np.array([1.0, 0.0])
    if height > _UPRIGHT * length and characters > 1:
        along = down / (2 * height)
        length, height = height, length
    return points.mean(0), along, length, height


def _least_rectangle(corners: Points) -> tuple[Points, Points, float, float]:
    """The smallest one around a hull; one of its sides lies on the hull's."""
    best: tuple[float, Points, Points, Points] | None = None
    for i in range(len(corners)):
        edge = corners[i] - corners[i - 1]
        length = float(np.hypot(*edge))
        if not length:
            continue
        edge = edge / length
        x, y = corners @ edge, corners @ np.array([-edge[1], edge[0]])
        size = float(np.ptp(x) * np.ptp(y))
        if best is None or size < best[0]:
            best = size, edge, x, y
    if best is None:
        return corners.mean(0), np.array([1.0, 0.0]), 0.0, 0.0
    _, along, x, y = best
    down = np.array([-along[1], along[0]])
    centre = along * (x.max() + x.min()) / 2 + down * (y.max() + y.min()) / 2
    length, height = float(np.ptp(x)), float(np.ptp(y))
    return (centre, down, height, length) if height > length else (centre, along, length, height)


def overlap(a: Shape, b: Shape) -> float:
    """Intersection over union."""
    if a.is_apart(b) or not a.area or not b.area:
        return 0.0
    joint = area(clip(a.hull, b.hull))
    return joint / (a.area + b.area - joint)


def corners_of(item: Mapping[str, Any]) -> list[list[float]]:
    """Of an item with a quad [[x, y] x 4] or a box [left, top, right, bottom]."""
    if item.get("quad"):
        return list(item["quad"])
    left, top, right, bottom = item["box"]
    return [[left, top], [right, top], [right, bottom], [left, bottom]]
