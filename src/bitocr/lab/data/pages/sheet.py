"""A canvas to draw on: pixels, perhaps with transparency, and their ground truth."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages.lines import Line, upright
from bitocr.lab.data.pages.writing import Writing, cells_of

Plane = NDArray[np.float32]
Mask = NDArray[np.uint8]
Box = tuple[int, int, int, int]
"""left, top, right, bottom."""

_INKED = 60
"""The least ink (of 255) that counts as visible."""


class Sheet:
    """`pixels` float32 [H, W], `cover` (opacity) uint8 [H, W] or None for opaque, and `lines`."""

    def __init__(self, pixels: Plane, cover: Mask | None = None) -> None:
        self.pixels, self.cover, self.lines = pixels, cover, list[Line]()

    @property
    def height(self) -> int:
        return len(self.pixels)

    @property
    def width(self) -> int:
        return self.pixels.shape[1]

    def ground(self, box: Box) -> float:
        """The mean gray in a box, or of the whole sheet if the box is outside."""
        left, top, right, bottom = (max(0, round(v)) for v in box)
        part = self.pixels[top:bottom:3, left:right:3]
        return float(part.mean() if part.size else self.pixels[::8, ::8].mean())

    def ink(self, mask: Mask, x: int, y: int, tone: float | Plane, strength: float = 1.0) -> None:
        """Inks a mask in one gray, or in grays [h, w]. Parts outside the sheet are lost."""
        left, top = max(x, 0), max(y, 0)
        right, bottom = min(x + mask.shape[1], self.width), min(y + len(mask), self.height)
        if right <= left or bottom <= top:
            return
        part = mask[top - y : bottom - y, left - x : right - x]
        if isinstance(tone, np.ndarray):
            tone = tone[top - y : bottom - y, left - x : right - x]
        target = self.pixels[top:bottom, left:right]
        target += (tone - target) * (part * np.float32(strength / 255))
        if self.cover is not None:
            area = self.cover[top:bottom, left:right]
            np.maximum(area, part, out=area)

    def fill(self, box: Box, tone: float, radius: float = 0.0, outline: float | None = None, width: int = 1) -> None:
        """Draws a rectangle, perhaps with round corners and an outline."""
        left, top, right, bottom = box
        mask = np.zeros((max(1, bottom - top), max(1, right - left)), np.uint8)
        _rounded(mask, radius, 255)
        self.ink(mask, left, top, tone)
        if outline is not None:
            inner = np.zeros((max(1, len(mask) - 2 * width), max(1, mask.shape[1] - 2 * width)), np.uint8)
            _rounded(inner, max(0.0, radius - width), 255)
            mask[width : width + len(inner), width : width + inner.shape[1]] -= inner
            self.ink(mask, left, top, outline)

    def stroke(self, start: tuple[float, float], end: tuple[float, float], tone: float, width: int = 1) -> None:
        points = [(round(start[0]), round(start[1])), (round(end[0]), round(end[1]))]
        cv2.line(self.pixels, points[0], points[1], float(tone), width)
        if self.cover is not None:
            cv2.line(self.cover, points[0], points[1], 255, width)

    def write(self, writing: Writing, x: float, y: float, tone: float | Plane, strength: float = 1.0) -> Box:
        """Writes with the ink's top left corner at (x, y), records the lines, and returns the ink's box."""
        left, top = round(x), round(y)
        self.ink(writing.ink, left, top, tone, strength)
        self.note(writing, left, top)
        return left, top, left + writing.width, top + writing.height

    def paste(self, crop: Mask, x: float, y: float, line: Line | None, cover: Mask, shift: float = 0.0) -> None:
        """Pastes the picture of a line, lightened by `shift`. If `line` is None, the place counts as unknown."""
        left, top = round(x), round(y)
        self.ink(cover, left, top, np.clip(crop + np.float32(shift), 0, 255))
        whole = upright(0, 0, crop.shape[1], len(crop), np.array([[0, 1]], np.float32))
        line = line or Line(whole.edges, whole.words, legible=False)
        self.lines.append(line.mapped(lambda points: points + np.array([left, top], np.float32)))

    def note(self, writing: Writing, x: int, y: int) -> None:
        """Records the ground truth of a writing with its top left corner at (x, y)."""
        for first, last, words, text in cells_of(writing):
            rows = np.flatnonzero((writing.ink[:, first:last] > _INKED).any(1))
            if not len(rows) or last - first < 1:
                continue
            shares = (words - first) / (last - first)
            line = upright(x + first, y + rows[0], x + last, y + rows[-1] + 1, shares.astype(np.float32))
            self.lines.append(Line(line.edges, line.words, writing.legible, text))


def _rounded(mask: Mask, radius: float, value: int) -> None:
    height, width = mask.shape
    r = min(round(radius), height // 2, width // 2)
    if r < 1:
        mask[:] = value
        return
    cv2.rectangle(mask, (r, 0), (width - 1 - r, height - 1), value, -1)
    cv2.rectangle(mask, (0, r), (width - 1, height - 1 - r), value, -1)
    for x in (r, width - 1 - r):
        for y in (r, height - 1 - r):
            cv2.circle(mask, (x, y), r, value, -1)
