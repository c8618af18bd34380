"""Lines that are not text: underlines, strikethroughs, the rules of tables and boxes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import Weighted, between, happens, whole

Rng = np.random.Generator
Mask = NDArray[np.uint8]

_KINDS = Weighted({"under": 38, "through": 12, "over": 10, "between": 13, "side": 16, "box": 11})


class _Pen:
    """Draws straight lines of one thickness and tone into a mask. Positions are shares of its height and width."""

    def __init__(self, rng: Rng, ink: Mask) -> None:
        self.ink = ink
        self.height, self.width = ink.shape
        self.thick = whole(rng, 1, max(1, self.height // 14))
        self.tone = whole(rng, 120, 255)

    def row(self, place: float, start: int = 0, end: int | None = None) -> None:
        y = int(np.clip(place * self.height, 0, self.height - self.thick))
        self._fill(self.ink[y : y + self.thick, start:end])

    def column(self, place: float) -> None:
        x = int(np.clip(place * self.width, 0, self.width - self.thick))
        self._fill(self.ink[:, x : x + self.thick])

    def _fill(self, part: Mask) -> None:
        np.maximum(part, self.tone, out=part)


def add_rules(rng: Rng, ink: Mask) -> Mask:
    """Adds lines, some of which touch or cross the text."""
    ink = ink.copy()
    pen, kind = _Pen(rng, ink), _KINDS(rng)
    if kind == "under":
        pen.row(between(rng, 0.8, 0.99))
        if happens(rng, 0.15):
            pen.row(between(rng, 0.8, 0.99))
    elif kind == "through":
        reach = max(1, pen.width // 6)
        pen.row(between(rng, 0.42, 0.6), whole(rng, 0, reach), pen.width - whole(rng, 0, reach))
    elif kind == "over":
        pen.row(between(rng, 0.0, 0.12))
    if kind in ("between", "box"):
        pen.row(between(rng, 0.0, 0.1))
        pen.row(between(rng, 0.88, 1.0))
    if kind in ("side", "box"):
        sides = whole(rng, 1, 3) if kind == "side" else 3
        if sides & 1:
            pen.column(between(rng, 0, 0.04))
        if sides & 2:
            pen.column(between(rng, 0.96, 1.0))
    return ink
