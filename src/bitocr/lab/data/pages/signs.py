"""Boards, plates, covers and banners: a few lines of several sizes, with or without a background of their own."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages import grounds, symbols
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic, tone_for
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import Mask, Writing, write
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole
from bitocr.lab.data.synth.textures import textures

Rng = np.random.Generator
Plane = NDArray[np.float32]
_LINES = Weighted({1: 3.0, 2: 3.0, 3: 2.5, 4: 1.5, 6: 1.0})
_WORDS = Weighted({1: 5.0, 2: 3.0, 3: 2.0, 5: 1.0})
_WIDEST = 1200
"""The greatest width of a line, in pixels."""


def sign(rng: Rng, pens: Pens, split: str) -> Sheet | None:
    """A layer with a sign whose letters are 14 to 170 pixels high; None if nothing could be written."""
    size = logarithmic(rng, 14, 170)
    writings = rows(rng, pens, size)
    if not writings:
        return None
    gaps = [between(rng, 0.15, 0.9) * min(a.height, b.height) for a, b in pairwise(writings)]
    x_pad, y_pad = (round(logarithmic(rng, 0.06, 1.2) * size) + 3 for _ in range(2))
    has_symbols = happens(rng, 0.5)
    x_pad += round(between(rng, 0.5, 2.5) * size) if has_symbols else 0
    width = max(w.width for w in writings) + 2 * x_pad
    height = round(sum(w.height for w in writings) + sum(gaps)) + 2 * y_pad
    layer = board(rng, height, width, x_pad, split)
    place = pick(rng, (0.0, 0.5, 0.5, 0.5, 1.0))
    y = float(y_pad)
    look = Look(rng, layer)
    for i, writing in enumerate(writings):
        x = x_pad + (width - 2 * x_pad - writing.width) * place
        look.write(layer, writing, x, y)
        if has_symbols and happens(rng, 0.6):
            symbols.flank(rng, layer, writing, x, y, look.tone)
        y += writing.height + (gaps[i] if i < len(gaps) else 0)
    if happens(rng, 0.2):
        decorate(rng, layer, x_pad, y_pad)
    return layer


def initials(rng: Rng, pens: Pens, split: str) -> Sheet | None:
    """A layer with a few letters or digits, up to the size of the picture: house numbers, monograms, routes."""
    pen = pens.pen(rng, "scene", logarithmic(rng, 90, 600), happens(rng, 0.15))
    text = pens.text(rng, "scene", pen).replace(" ", "").upper()
    start = whole(rng, 0, max(0, len(text) - 1))
    text = str(whole(rng, 0, 999)) if happens(rng, 0.3) else text[start : start + whole(rng, 1, 4)]
    tracking = between(rng, 0.05, 0.5) * pen.size if happens(rng, 0.2) else 0.0
    writing = write(pen, pen.written(text), tracking, 1.0, _WIDEST)
    if writing is None:
        return None
    x_pad, y_pad = (round(between(rng, 0.05, 0.6) * pen.size) + 3 for _ in range(2))
    layer = board(rng, writing.height + 2 * y_pad, writing.width + 2 * x_pad, min(x_pad, y_pad), split)
    Look(rng, layer).write(layer, writing, x_pad, y_pad)
    return layer


def rows(rng: Rng, pens: Pens, size: float) -> list[Writing]:
    """Lines of one to five words, in up to three sizes and two faces."""
    han = happens(rng, 0.3)
    count = _LINES(rng) if size < 100 else whole(rng, 1, 2)
    faces = [pen_of(rng, pens, size, han), pen_of(rng, pens, max(9.0, size * between(rng, 0.3, 0.9)), han)]
    shout = happens(rng, 0.5)
    made: list[Writing] = []
    for i in range(count):
        pen = faces[0] if i == 0 or happens(rng, 0.5) else faces[1]
        words = [pens.text(rng, "scene", pen) for _ in range(_WORDS(rng))]
        text = ("" if pen.is_han else " ").join(words)
        if pen.is_han:
            text = text[: whole(rng, 2, 12)]
        text = pen.written(text.upper()) if shout else text
        tracking = logarithmic(rng, 0.03, 0.9) * pen.size if happens(rng, 0.22) else 0.0
        spacing = between(rng, 0.7, 2.6) if happens(rng, 0.4) else 1.0
        writing = write(pen, text, tracking, spacing, _WIDEST)
        if writing is not None:
            made.append(stretched(rng, writing))
    return made


def pen_of(rng: Rng, pens: Pens, size: float, han: bool) -> Pen:
    return pens.hand(rng, size) if not han and happens(rng, 0.06) else pens.pen(rng, "scene", size, han)


def stretched(rng: Rng, writing: Writing) -> Writing:
    """Makes the letters narrower or wider, as on banners."""
    if not happens(rng, 0.3):
        return writing
    width = max(2, round(writing.width * logarithmic(rng, 0.6, 1.5)))
    ink = cv2.resize(writing.ink, (width, writing.height), interpolation=cv2.INTER_AREA)
    factor = np.float32(width / writing.width)
    return replace(writing, ink=np.asarray(ink, np.uint8), words=writing.words * factor)


def stacked(pen: Pen, text: str) -> Writing | None:
    """A vertical line of hanzi, turned by a quarter so that it runs to the right."""
    inks = [np.rot90(pen.glyph(c)[0]) for c in text if c != " " and pen.glyph(c)[0].size]
    if len(inks) < 2:
        return None
    step = round(pen.size * 1.08)
    height = max(len(ink) for ink in inks)
    mask: Mask = np.zeros((height, step * len(inks) + height), np.uint8)
    for i, ink in enumerate(inks):
        y, x = (height - len(ink)) // 2, i * step
        np.maximum(mask[y : y + len(ink), x : x + ink.shape[1]], ink, out=mask[y : y + len(ink), x : x + ink.shape[1]])
    columns = np.flatnonzero(mask.any(0))
    mask = mask[:, : columns[-1] + 1]
    return Writing(mask, np.array([[columns[0], columns[-1] + 1]], np.float32), True, height)


def board(rng: Rng, height: int, width: int, pad: int, split: str) -> Sheet:
    """The background of the text: none, one tone, a gradient, wood, cloth, or a photograph."""
    cover = np.zeros((height, width), np.uint8)
    base = between(rng, 0, 255) if happens(rng, 0.5) else pick(rng, (between(rng, 0, 60), between(rng, 190, 255)))
    layer = Sheet(np.full((height, width), base, np.float32), cover)
    edge = tone_for(rng, base, 50) if happens(rng, 0.35) else None
    layer.fill((0, 0, width, height), base, happens(rng, 0.4) * between(rng, 0, pad), edge, whole(rng, 1, 6))
    ground = layer.pixels
    if happens(rng, 0.35):
        ground += grounds.smooth(rng, height, width, 2) * np.float32(between(rng, 5, 50))
    if happens(rng, 0.3):
        ground += texture(rng, height, width, split) * np.float32(logarithmic(rng, 2, 35))
    np.clip(ground, 0, 255, ground)
    return layer


def texture(rng: Rng, height: int, width: int, split: str) -> Plane:
    """Wood, cloth, clouds or a photograph, with a standard deviation of about 1."""
    kind, planes = whole(rng, 0, 3), textures()
    if kind == 0:
        photo = grounds.scene(rng, height, width, split)
        return (photo - photo.mean()) / np.float32(photo.std() + 1)
    size = max(8, min(height, 200)), max(8, min(width, 400))
    plane = (planes.cloud, planes.grain, planes.shapes)[kind - 1](rng, size)
    return np.asarray(cv2.resize(plane, (width, height)), np.float32)


def decorate(rng: Rng, layer: Sheet, x_pad: int, y_pad: int) -> None:
    """Bolts in the corners, or rules above and below."""
    tone = float(np.clip(layer.ground((0, 0, layer.width, layer.height)) + between(rng, -120, 120), 0, 255))
    if happens(rng, 0.5):
        radius = max(1, min(x_pad, y_pad) // whole(rng, 4, 8))
        for x in (x_pad // 2, layer.width - x_pad // 2):
            for y in (y_pad // 2, layer.height - y_pad // 2):
                cv2.circle(layer.pixels, (x, y), radius, tone, -1, cv2.LINE_AA)
        return
    thick = max(1, y_pad // whole(rng, 5, 12))
    for y in (y_pad // 2, layer.height - y_pad // 2):
        layer.stroke((x_pad // 2, y), (layer.width - x_pad // 2, y), tone, thick)


class Look:
    """The tone, shading, edges and wear of a sign's letters."""

    def __init__(self, rng: Rng, layer: Sheet) -> None:
        self.rng = rng
        ground = layer.ground((0, 0, layer.width, layer.height))
        wish = between(rng, 90, 200) if happens(rng, 0.6) else between(rng, 20, 90)
        # A gray in the middle differs from all others by at most 128.
        self.tone = tone_for(rng, ground, min(wish, max(ground, 255 - ground) - 5))
        self.away = 1.0 if self.tone > ground else -1.0
        self.shade = between(rng, 10, 60) if happens(rng, 0.25) else 0.0
        self.wear = between(rng, 0.8, 1.8) if happens(rng, 0.08) else 0.0
        self.edge = pick(rng, ("outline", "shadow", "relief")) if happens(rng, 0.35) else ""

    def write(self, layer: Sheet, writing: Writing, x: float, y: float) -> None:
        rng, left, top = self.rng, round(x), round(y)
        thick = max(1, round(writing.height * between(rng, 0.02, 0.09)))
        if self.edge == "outline":
            kernel = np.ones((2 * thick + 1, 2 * thick + 1), np.uint8)
            grown = cv2.dilate(np.pad(writing.ink, thick), kernel)
            layer.ink(np.asarray(grown, np.uint8), left - thick, top - thick, tone_for(rng, self.tone, 70))
        elif self.edge == "shadow":
            soft = cv2.blur(np.pad(writing.ink, thick), (thick, thick)) if happens(rng, 0.5) else writing.ink
            layer.ink(np.asarray(soft, np.uint8), left + thick // 2, top + thick // 2, between(rng, 0, 255), 0.8)
        elif self.edge == "relief":
            layer.ink(writing.ink, left - thick, top - thick, between(rng, 180, 255), 0.7)
            layer.ink(writing.ink, left + thick, top + thick, between(rng, 0, 80), 0.7)
        layer.ink(self.worn(writing.ink), left, top, self.grays(writing.ink), between(rng, 0.8, 1.0))
        layer.note(writing, left, top)

    def grays(self, ink: Mask) -> float | Plane:
        """One tone, or lighter letters above and darker ones below."""
        if not self.shade:
            return self.tone
        slope = np.linspace(-1, 1, len(ink), dtype=np.float32)[:, None] * np.float32(self.shade * self.away)
        return np.broadcast_to(np.clip(self.tone + slope, 0, 255), ink.shape)

    def worn(self, ink: Mask) -> Mask:
        if not self.wear:
            return ink
        noise = textures().cloud(self.rng, (max(8, len(ink)), max(8, min(ink.shape[1], 400))))
        gone = cv2.resize(noise, (ink.shape[1], len(ink))) > self.wear
        return np.where(gone, np.uint8(0), ink)
