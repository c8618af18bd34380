"""The maps that the detector learns, drawn from the lines of a crop.

kernel   1 in the middle half of the line's height, cut by a quarter of the height at both ends, but at least half a
         height long (a lone digit may be narrower)
height   log2 of the line's height / 16, in the whole box
gap      1 along the line where there is no word: in spaces and beyond its ends
text     1 in the whole box; only for training
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages.lines import Points, resampled

CELL = 4
"""The side of a map's cell, in pixels."""
LEAST = 5.0
"""The least height of a line in pixels. Lower lines and the area around them are left out of training."""
THINNEST = 2.0
"""Half the least thickness of a kernel in pixels, so that kernels of small print are one cell high."""
_SHORTENED = 0.25
SHORTEST = 8.0
"""The least length of a kernel in pixels: two cells."""
_WIDE_SPACE = 0.25
_BEYOND = 1.0
"""How far beyond a line's ends the gap is learned, in heights of the line."""
_OFFSET = 8.0
"""Added to log heights to make them positive: 0 means no line."""
_ADDED = 1.0
"""How far filling a polygon extends it: half a filled cell, in pixels."""
_FINE = 2
"""Polygons are filled in cells of CELL / _FINE pixels."""

KERNEL, HEIGHT, GAP, TEXT, KNOWN, ALONG = range(6)
"""Indices of the maps. KNOWN is 0 where nothing is learned, and ALONG is 1 where the gap is learned."""

Maps = NDArray[np.float32]


class _Canvas:
    def __init__(self, size: int) -> None:
        self.side = size // CELL * _FINE
        self.planes = {name: np.zeros((self.side, self.side), np.uint8) for name in (KERNEL, GAP, TEXT, ALONG)}
        self.unknown = np.zeros((self.side, self.side), np.uint8)
        self.heights = np.zeros((self.side, self.side), np.float32)  # log heights plus _OFFSET

    def fill(self, plane: NDArray, edges: NDArray, value: float) -> None:
        """Fills the polygon between upper and lower edges [K, 2, 2], in pixels."""
        polygon = np.concatenate([edges[:, 0], edges[::-1, 1]]) * (_FINE / CELL) - 0.5
        cv2.fillPoly(plane, [np.round(polygon * 16).astype(np.int32)], value, cv2.LINE_8, 4)


def distances(vectors: Points) -> NDArray[np.float32]:
    """The lengths of vectors: [..., 2] -> [...]."""
    return np.hypot(vectors[..., 0], vectors[..., 1])


def band(edges: Points, half: NDArray[np.floating]) -> Points:
    """Bands around the middle of lines [L, K, 2, 2] that reach `half` [L] pixels up and down."""
    middle, across = edges.mean(-2), edges[..., 1, :] - edges[..., 0, :]
    across = across * (half[:, None] / np.maximum(distances(across), 1e-6))[..., None]
    return np.stack([middle - across, middle + across], -2)


def inset(edges: Points) -> Points:
    """Shrinks lines [L, K, 2, 2] on all sides by what filling adds: it takes every cell that a polygon touches."""
    across = edges[..., 1, :] - edges[..., 0, :]
    thickness = np.maximum(distances(across), 1e-6)
    across = across * (np.minimum(_ADDED, 0.45 * thickness) / thickness)[..., None]
    edges = np.stack([edges[..., 0, :] + across, edges[..., 1, :] - across], -2)
    steps = np.diff(edges.mean(-2), axis=1)
    length = np.maximum(distances(steps), 1e-6)
    whole = length.sum(1)
    for end, step, at in ((0, 0, 1), (-1, -1, -1)):
        moved = steps[:, step] * (np.minimum(_ADDED, 0.45 * whole) / length[:, step] * at)[:, None]
        edges[:, end] += moved[:, None]
    return edges


def targets(edges: Points, words: Sequence[Points], legible: NDArray[np.bool_], size: int) -> Maps:
    """float32 [6, size / CELL, size / CELL] for lines [L, K, 2, 2] in the crop's pixels."""
    canvas = _Canvas(size)
    if len(edges):
        draw(canvas, _Lines(edges, words, legible, size))
    return finish(canvas)


class _Lines:
    """The lines that reach into the crop, with their measures as arrays."""

    def __init__(self, edges: Points, words: Sequence[Points], legible: NDArray[np.bool_], size: int) -> None:
        points = edges.reshape(len(edges), -1, 2)
        length = distances(np.diff(edges.mean(2), axis=1)).sum(1)
        inside = (points.max(1) > 0).all(1) & (points.min(1) < size).all(1) & (length > 1)
        self.edges, self.length, self.legible = edges[inside], length[inside], legible[inside]
        self.words = [each for each, is_inside in zip(words, inside, strict=True) if is_inside]
        self.heights = distances(self.edges[:, :, 1] - self.edges[:, :, 0])
        self.height = np.median(self.heights, 1)
        self.half = np.maximum(self.height / 4, THINNEST)
        self.known = self.legible & (self.height >= LEAST)

    def part(self, start: NDArray[np.floating], end: NDArray[np.floating], half: NDArray[np.floating]) -> Points:
        """Bands of the lines from share `start` to share `end` [L] of their length."""
        steps = np.linspace(0, 1, self.edges.shape[1], dtype=np.float32)
        return band(resampled(self.edges, start[:, None] + (end - start)[:, None] * steps), half)


def draw(canvas: _Canvas, lines: _Lines) -> None:
    least = np.maximum((1 - 2 * _SHORTENED) * lines.height, SHORTEST)
    cut = np.minimum((lines.length - least) / 2, _SHORTENED * lines.height) / lines.length
    beyond = _BEYOND * lines.height / lines.length
    kernels = inset(lines.part(cut, 1 - cut, lines.half))
    along = inset(lines.part(-beyond, 1 + beyond, lines.half))
    boxes = inset(lines.edges)
    around = band(lines.edges, 0.7 * lines.height + 1)
    for i, known in enumerate(lines.known):
        if not known:
            canvas.fill(canvas.unknown, around[i], 1)
            continue
        canvas.fill(canvas.planes[TEXT], boxes[i], 1)
        canvas.fill(canvas.planes[KERNEL], kernels[i], 1)
        canvas.fill(canvas.planes[ALONG], along[i], 1)
        draw_heights(canvas, lines.edges[i], lines.heights[i])
        draw_gaps(canvas, lines, i, float(beyond[i]))


def draw_heights(canvas: _Canvas, edges: Points, heights: NDArray[np.float32]) -> None:
    """Draws the height of a line, piece by piece if it changes along the line, as in perspective."""
    if heights.max() < 1.06 * heights.min():
        canvas.fill(canvas.heights, edges, float(np.log2(heights.mean() / 16)) + _OFFSET)
        return
    for i in range(len(edges) - 1):
        value = float(np.log2((heights[i] + heights[i + 1]) / 32))
        canvas.fill(canvas.heights, edges[i : i + 2], value + _OFFSET)


def draw_gaps(canvas: _Canvas, lines: _Lines, i: int, beyond: float) -> None:
    words, least = lines.words[i], _WIDE_SPACE * lines.height[i] / lines.length[i]
    spaces = [(-beyond, float(words[0, 0])), (float(words[-1, 1]), 1 + beyond)]
    spaces += [(float(a), float(b)) for a, b in zip(words[:-1, 1], words[1:, 0], strict=True) if b - a >= least]
    half = np.full(len(spaces), lines.half[i])
    ends = np.array(spaces, np.float32)
    shares = ends[:, :1] + (ends[:, 1:] - ends[:, :1]) * np.array([0, 0.5, 1], np.float32)
    whole = np.broadcast_to(lines.edges[i], (len(spaces), *lines.edges[i].shape))
    for edges in inset(band(resampled(whole, shares), half)):
        canvas.fill(canvas.planes[GAP], edges, 1)


def finish(canvas: _Canvas) -> Maps:
    maps = np.zeros((6, canvas.side // _FINE, canvas.side // _FINE), np.float32)
    for name, plane in canvas.planes.items():
        maps[name] = pooled(plane).mean((1, 3)) >= 0.5
    maps[KNOWN] = pooled(canvas.unknown).mean((1, 3)) < 0.25
    maps[KNOWN][maps[TEXT] > 0] = 1
    maps[HEIGHT] = np.maximum(pooled(canvas.heights).max((1, 3)), 0) - _OFFSET
    # The extended end of one line may reach into a word of another.
    maps[GAP][word_cells(canvas)] = 0
    return maps


def word_cells(canvas: _Canvas) -> NDArray[np.bool_]:
    kernels, gaps = pooled(canvas.planes[KERNEL]), pooled(canvas.planes[GAP])
    return np.asarray((kernels * (1 - gaps)).mean((1, 3)) >= 0.5)


def pooled(plane: NDArray) -> NDArray:
    side = len(plane) // _FINE
    return plane.reshape(side, _FINE, side, _FINE)
