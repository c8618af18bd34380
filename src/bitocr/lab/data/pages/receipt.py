"""Receipts: narrow columns in one face, prices at the right, dashed rules, faint print."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from bitocr.lab.data.pages import clutter, grounds
from bitocr.lab.data.pages.pens import Pen, Pens, tone_for
from bitocr.lab.data.pages.real import RealLines, feathered, ground_of
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import Weighted, between, happens, whole

Rng = np.random.Generator
_PARTS = Weighted({"centred": 20, "left": 22, "pair": 30, "table": 18, "rule": 8, "gap": 6, "large": 4})


class _Receipt:
    def __init__(self, rng: Rng, pens: Pens, size: int) -> None:
        self.rng, self.pens = rng, pens
        self.sheet = Sheet(grounds.paper(rng, size, size))
        self.ground = self.sheet.ground((0, 0, size, size))
        self.tone = tone_for(rng, self.ground, 60)
        self.han = happens(rng, 0.2)
        width = size * between(rng, 0.3, 0.97)
        self.em = round(np.clip(width / between(rng, 14, 30), 9, 40))
        self.pen = pens.pen(rng, "receipt", self.em, self.han)
        self.bold = pens.pen(rng, "receipt", round(self.em * between(rng, 1.2, 2.2)), self.han)
        self.pitch = self.em * (between(rng, 1.0, 1.25) if happens(rng, 0.5) else between(rng, 1.25, 1.9))
        self.left = between(rng, 4, size - width - 4)
        self.right = self.left + width
        self.real = pens.real.get("receipt") if happens(rng, 0.5) else None
        self.spacing = between(rng, 0.8, 1.3)

    def set(self) -> Sheet:
        y = between(self.rng, -0.5, 4) * self.pitch
        columns = np.sort(self.rng.random(whole(self.rng, 1, 3)))
        while y < self.sheet.height - 0.3 * self.em:
            self.part(_PARTS(self.rng), y, columns)
            y += self.pitch * (2.0 if self.is_large else 1.0)
        return self.sheet

    is_large = False

    def part(self, name: str, y: float, columns: np.ndarray) -> None:
        width = self.right - self.left
        self.is_large = name == "large"
        if name == "rule":
            clutter.dashes(self.rng, self.sheet, tuple(round(v) for v in (self.left, y, self.right, y + 4)), self.tone)  # type: ignore[arg-type]
        elif name in ("centred", "left", "large"):
            pen = self.bold if name == "large" else self.pen
            self.put(pen, self.left, y, width, 0.0 if name == "left" else 0.5)
        elif name == "pair":
            split = between(self.rng, 0.35, 0.75) * width
            self.put(self.pen, self.left, y, split, 0.0)
            self.put(self.pen, self.left + split, y, width - split, 1.0, is_price=happens(self.rng, 0.6))
        elif name == "table":
            edges = [0.0, *columns.tolist(), 1.0]
            for a, b in pairwise(edges):
                if (b - a) * width > 3 * self.em and happens(self.rng, 0.85):
                    self.put(self.pen, self.left + a * width, y, (b - a) * width - self.em, float(a > 0), a > 0)

    def put(self, pen: Pen, x: float, y: float, room: float, place: float, is_price: bool = False) -> None:
        """A text, from the left (place 0) to the right (1) of its room."""
        if self.real and happens(self.rng, 0.85):
            self.paste(self.real, pen.size, x, y, room, place)
            return
        text = self.price() if is_price else self.pens.text(self.rng, "receipt", pen)
        writing = write(pen, pen.written(text), spacing=self.spacing, limit=room)
        if writing is not None and writing.width <= room:
            x += (room - writing.width) * place
            self.sheet.write(writing, x, y + 0.8 * pen.size - writing.baseline, self.tone)

    def paste(self, real: RealLines, size: float, x: float, y: float, room: float, place: float) -> None:
        """The same of a real line, on paper as light as here."""
        crop, line = real.draw(self.rng, size * between(self.rng, 0.9, 1.1))
        if crop.shape[1] <= room:
            x += (room - crop.shape[1]) * place
            shift = self.ground - ground_of(crop)
            self.sheet.paste(crop, x, y, line, feathered(len(crop), crop.shape[1], 1), shift)

    def price(self) -> str:
        amount = f"{10 ** between(self.rng, -0.3, 4):.2f}"
        return ("", "", "$", "RM", "-", "x")[whole(self.rng, 0, 5)] + amount if happens(self.rng, 0.8) else amount[:-3]


def receipt(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Receipt(rng, pens, size).set()
