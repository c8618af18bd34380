"""Signs, labels and titles on photographs: a few lines of any size, turned, curved, outlined, in perspective."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages import clutter, grounds, symbols
from bitocr.lab.data.pages.camera import moved, warp_box
from bitocr.lab.data.pages.lines import Line, Points, resampled
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic, tone_for
from bitocr.lab.data.pages.real import RealLines, feathered
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.signs import initials, sign, stacked
from bitocr.lab.data.pages.writing import Writing, write
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole

Rng = np.random.Generator
_GROUPS = Weighted({1: 3.0, 2: 3.0, 3: 2.0, 4: 2.0, 6: 1.5, 9: 1.0})
_LINES = Weighted({1: 6.0, 2: 2.0, 3: 1.0, 5: 0.5})
_SIGNS = Weighted({1: 4.0, 2: 2.0, 3: 1.5, 5: 1.0})
_COARSE = 8
"""The side of a cell in the map of occupied places, in pixels."""


class _Scene:
    def __init__(self, rng: Rng, pens: Pens, size: int, split: str) -> None:
        self.rng, self.pens, self.split = rng, pens, split
        self.sheet = Sheet(grounds.scene(rng, size, size, split))
        self.taken = np.zeros((size // _COARSE, size // _COARSE), np.uint8)
        if happens(rng, 0.35):
            clutter.scatter(rng, self.sheet, clutter.IN_SCENES, whole(rng, 1, 4))

    def set(self) -> Sheet:
        rng = self.rng
        if happens(rng, 0.14):
            self.open_tone = False
            self.place(initials(rng, self.pens, self.split), is_large=True)
        if happens(rng, 0.55):
            for i in range(_SIGNS(rng)):
                self.open_tone = False
                self.place(sign(rng, self.pens, self.split), is_large=i == 0 and happens(rng, 0.7))
            if happens(rng, 0.5):
                return self.sheet
        for _ in range(_GROUPS(rng)):
            self.place(self.group())
        return self.sheet

    def group(self) -> Sheet | None:
        """Upright lines that belong together, with or without a plate behind them."""
        rng = self.rng
        real = self.pens.real.get("scene")
        if real and happens(rng, 0.35):
            return self.real_group(real)
        size = logarithmic(rng, 9, 300) if happens(rng, 0.75) else logarithmic(rng, 12, 50)
        pen = self.pen(size)
        count = 1 if size > 120 else _LINES(rng)
        shout = happens(rng, 0.35)
        tracking = between(rng, 0.05, 0.6) * size if happens(rng, 0.1) else 0.0
        writings = []
        for _ in range(count):
            text = self.pens.text(rng, "scene", pen)
            if happens(rng, 0.5):
                text = f"{text} {self.pens.text(rng, 'scene', pen)}"
            text = pen.written(text.upper()) if shout else text
            if pen.is_han and count == 1 and happens(rng, 0.08):
                writings.append(stacked(pen, text[:8]))
            else:
                writings.append(write(pen, text, tracking, limit=1.1 * self.sheet.width))
        return self.compose([w for w in writings if w is not None], size)

    def real_group(self, real: RealLines) -> Sheet:
        """A crop of a photograph: a line and its surroundings."""
        crop, line = real.draw(self.rng, logarithmic(self.rng, 12, 160))
        if line is not None and happens(self.rng, 0.4):
            return self.real_sign(crop, line)
        height, width = crop.shape
        layer = Sheet(np.zeros((height, width), np.float32), np.zeros((height, width), np.uint8))
        layer.paste(crop, 0, 0, line, feathered(height, width, max(1, round(height * between(self.rng, 0, 0.06)))))
        layer.pixels = crop.astype(np.float32)
        self.open_tone = False
        return layer

    def real_sign(self, crop: NDArray[np.uint8], line: Line) -> Sheet:
        """The crop on a plate of its edge's gray, perhaps with a symbol beside it."""
        rng, (height, width) = self.rng, crop.shape
        edge = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
        ground = float(np.median(edge))
        above, beside = round(height * logarithmic(rng, 0.03, 0.6)), round(height * logarithmic(rng, 0.1, 2.5))
        layer = Sheet(
            np.full((height + 2 * above, width + 2 * beside), ground, np.float32),
            np.full((height + 2 * above, width + 2 * beside), 255, np.uint8),
        )
        layer.paste(crop, beside, above, line, feathered(height, width, max(1, height // 12)))
        if happens(rng, 0.6):
            tone = tone_for(rng, ground, min(60.0, max(ground, 255 - ground) - 5))
            symbols.flank_box(rng, layer, (beside, above, beside + width, above + height), tone)
        self.open_tone = False
        return layer

    def pen(self, size: float) -> Pen:
        if happens(self.rng, 0.08):
            return self.pens.hand(self.rng, size)
        return self.pens.pen(self.rng, "scene", size, happens(self.rng, 0.35))

    def compose(self, writings: list[Writing], size: float) -> Sheet | None:
        if not writings:
            return None
        rng = self.rng
        self.has_symbols = happens(rng, 0.25)
        pad = round(size * between(rng, 0.25, 2.5 if self.has_symbols else 0.7)) + 4
        pitch = between(rng, 1.05, 1.6) * max(w.height for w in writings)
        width = max(w.width for w in writings) + 2 * pad
        height = round(pitch * (len(writings) - 1) + writings[-1].height) + 2 * pad
        ground = between(rng, 0, 255)
        layer = Sheet(np.full((height, width), ground, np.float32), np.zeros((height, width), np.uint8))
        has_plate = happens(rng, 0.4)
        if has_plate:
            outline = between(rng, 0, 255) if happens(rng, 0.4) else None
            layer.fill(
                (0, 0, width, height), ground, happens(rng, 0.5) * between(rng, 0, pad), outline, whole(rng, 1, 5)
            )
        else:
            ground = -1.0
        place = pick(rng, (0.0, 0.5, 0.5, 1.0))
        spots = [(pad + (width - 2 * pad - w.width) * place, pad + i * pitch) for i, w in enumerate(writings)]
        self.paint(layer, writings, spots, ground, size)
        return curved(rng, layer) if len(writings) == 1 and not has_plate and happens(rng, 0.2) else layer

    def paint(
        self, layer: Sheet, writings: list[Writing], spots: list[tuple[float, float]], ground: float, size: float
    ) -> None:
        rng = self.rng
        self.wish = between(rng, 18, 40) if happens(rng, 0.2) else between(rng, 40, 110)
        tone = tone_for(rng, ground, self.wish) if ground >= 0 else -1.0
        if tone < 0:  # choose it when the place on the photograph is known
            self.open_tone = True
            tone = 255.0
            layer.pixels[:] = 255
        else:
            self.open_tone = False
        self.outline = 0.0
        if happens(rng, 0.14):
            self.outline = 1.0
            thick = max(1, round(size * between(rng, 0.03, 0.1)))
            edge = 0.0 if self.open_tone else tone_for(rng, tone, 60)
            kernel = np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)
            shift = round(size * between(rng, 0.0, 0.06)) if happens(rng, 0.4) else 0
            for writing, (x, y) in zip(writings, spots, strict=True):
                grown = cv2.dilate(np.pad(writing.ink, thick), kernel)
                layer.ink(np.asarray(grown, np.uint8), round(x) - thick + shift, round(y) - thick + shift, edge)
        strength = between(rng, 0.75, 1.0)
        for writing, (x, y) in zip(writings, spots, strict=True):
            layer.write(writing, x, y, tone, strength if self.outline or not self.open_tone else 1.0)
            if self.has_symbols and happens(rng, 0.6):
                symbols.flank(rng, layer, writing, x, y, tone)

    def place(self, layer: Sheet | None, is_large: bool = False) -> None:
        """Places a group where there is room, or drops it. A large group takes much of the picture."""
        if layer is None:
            return
        rng, size = self.rng, self.sheet.width
        for _ in range(4):
            matrix = _placement(rng, layer, size, is_large)
            corners = moved(matrix, _corners(layer)).astype(np.float32)
            spot = np.zeros_like(self.taken)
            cv2.fillPoly(spot, [(corners / _COARSE).astype(np.int32)], 1)
            if spot.any() and not (spot & self.taken).any():
                self.taken |= spot
                self.merge(layer, matrix)
                return

    def merge(self, layer: Sheet, matrix: NDArray[np.float64]) -> None:
        assert layer.cover is not None
        found = warp_box(matrix, _corners(layer), self.sheet.width, self.sheet.height)
        if found is None:
            return
        (left, top, right, bottom), inner = found
        shape = right - left, bottom - top
        cover = cv2.warpPerspective(layer.cover, inner, shape, flags=cv2.INTER_AREA)
        pixels = cv2.warpPerspective(layer.pixels, inner, shape, borderMode=cv2.BORDER_REPLICATE)
        if layer.lines and happens(self.rng, 0.25):
            cover, pixels = (cv2.GaussianBlur(each, (0, 0), self.blur(layer, inner)) for each in (cover, pixels))
        if self.open_tone:
            ground = self.sheet.ground((left, top, right, bottom))
            tone = tone_for(self.rng, ground, self.wish)
            other = tone_for(self.rng, tone, 70) if self.outline else 0.0
            pixels = other + (pixels / 255) * (tone - other)
        self.sheet.ink(np.asarray(cover, np.uint8), left, top, np.asarray(pixels, np.float32))
        self.sheet.lines += [line.mapped(lambda points: moved(matrix, points)) for line in layer.lines]

    def blur(self, layer: Sheet, matrix: NDArray[np.float64]) -> float:
        """A blur in pixels that leaves the smallest line legible."""
        edges = np.stack([moved(matrix, line.edges[0]) for line in layer.lines])
        lowest = float(np.hypot(*(edges[:, 0] - edges[:, 1]).T).min())
        return logarithmic(self.rng, 0.01, 0.09) * max(8.0, lowest)


def _corners(layer: Sheet) -> Points:
    w, h = layer.width, layer.height
    return np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)


def _placement(rng: Rng, layer: Sheet, size: int, is_large: bool = False) -> NDArray[np.float64]:
    """The homography from the layer to the picture: a turn, shear and perspective."""
    w, h = layer.width, layer.height
    a = np.deg2rad(_angle(rng))
    shear = rng.normal(0, 0.15) if happens(rng, 0.25) else 0.0
    fitting = between(rng, 0.4 if is_large else 0.7, 1.15) * size / (max(w, h) + 1)
    scale = min(3.0 if is_large else 1.0, fitting)
    linear = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ np.array([[1, shear], [0, 1]]) * scale
    tilt = rng.normal(0, 0.18, 2) / max(w, h) if happens(rng, 0.35) else np.zeros(2)
    middle = [between(rng, min(m, size / 2), max(size - m, size / 2)) for m in np.abs(linear) @ [w / 2, h / 2] * 0.95]
    centre = np.array([[1, 0, -w / 2], [0, 1, -h / 2], [0, 0, 1.0]])
    project = np.array([[*linear[0], 0], [*linear[1], 0], [*tilt, 1.0]])
    return np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1.0]]) @ project @ centre


def _angle(rng: Rng) -> float:
    """An angle in degrees: mostly small, sometimes steep, sometimes a quarter turn."""
    if happens(rng, 0.12):
        return between(rng, -35, 35)
    angle = rng.normal(0, 8) if happens(rng, 0.5) else rng.normal(0, 1)
    return float(np.clip(angle, -25, 25)) + (pick(rng, (90, 270)) if happens(rng, 0.05) else 0)


def curved(rng: Rng, layer: Sheet) -> Sheet:
    """Bends a single line along an arc, with upright letters."""
    assert layer.cover is not None
    w, h = layer.width, layer.height
    spread = between(rng, 0.3, 2.2)  # the arc's angle
    radius = w / spread
    if radius < 1.2 * h:
        return layer
    sign = 1.0 if happens(rng, 0.6) else -1.0
    outer, inner = radius + h / 2, radius - h / 2
    half = spread / 2
    width = int(2 * outer * np.sin(min(half, np.pi / 2))) + 2
    height = int(outer - inner * np.cos(min(half, np.pi))) + 2
    cx, cy = width / 2, outer

    def forward(points: Points) -> Points:
        angle = (points[:, 0] - w / 2) / radius
        r = outer - points[:, 1] if sign > 0 else inner + points[:, 1]
        y = cy - r * np.cos(angle)
        out = np.stack([cx + r * np.sin(angle), y if sign > 0 else height - y], -1)
        return out.astype(np.float32)

    gx, gy = np.meshgrid(np.arange(width, dtype=np.float32) + 0.5, np.arange(height, dtype=np.float32) + 0.5)
    if sign < 0:
        gy = height - gy
    r, angle = np.hypot(gx - cx, cy - gy), np.arctan2(gx - cx, cy - gy)
    mx = (angle * radius + w / 2 - 0.5).astype(np.float32)
    my = ((outer - r if sign > 0 else r - inner) - 0.5).astype(np.float32)
    bent = Sheet(
        np.asarray(cv2.remap(layer.pixels, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float32),
        np.asarray(cv2.remap(layer.cover, mx, my, cv2.INTER_LINEAR), np.uint8),
    )
    for line in layer.lines:
        dense = replace(line, edges=resampled(line.edges, np.linspace(0, 1, 9)))
        bent.lines.append(dense.mapped(forward))
    return bent


def scene(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Scene(rng, pens, size, split).set()
