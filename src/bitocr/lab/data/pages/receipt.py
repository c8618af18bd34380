"""Receipts: narrow columns in one face, prices at the right, dashed rules, faint print."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bitocr.lab.data.pages import cells, clutter, grounds
from bitocr.lab.data.pages.pens import Pen, Pens, tone_for
from bitocr.lab.data.pages.real import RealLines, feathered, ground_of
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole

Rng = np.random.Generator
Cell = Callable[[Rng], str]
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
        has_items = happens(self.rng, 0.7)
        while y < self.sheet.height - 0.3 * self.em:
            if has_items and happens(self.rng, 0.15):
                y = self.items(y)
                continue
            self.part(_PARTS(self.rng), y, columns)
            y += self.pitch * (2.0 if self.is_large else 1.0)
        return self.sheet

    def items(self, y: float) -> float:
        """The items: one or two rows each, with short cells at the right, one after the other or in columns."""
        rng, width = self.rng, self.right - self.left
        columns = item_columns(rng, width / self.em)
        is_second_row, place = happens(rng, 0.4), pick(rng, (0.0, 0.5, 1.0, 1.0, 1.0))
        own = between(rng, 0.0, 0.25) * width if is_second_row else columns[0][0] * self.em
        for _ in range(whole(rng, 2, 14)):
            if y > self.sheet.height - 0.3 * self.em:
                break
            if is_second_row or own > 4 * self.em:
                self.put(self.pen, self.left, y, (width if is_second_row else own) - self.em, 0.0)
            y += self.pitch if is_second_row else 0.0
            for start, end, kind in columns:
                if start * self.em >= own and happens(rng, 0.9):
                    self.put(self.pen, self.left + start * self.em, y, (end - start) * self.em, place, kind)
            y += self.pitch
        return y

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
            self.put(
                self.pen, self.left + split, y, width - split, 1.0, cells.price if happens(self.rng, 0.6) else None
            )
        elif name == "table":
            edges = [0.0, *columns.tolist(), 1.0]
            for a, b in pairwise(edges):
                if (b - a) * width > 3 * self.em and happens(self.rng, 0.85):
                    self.put(
                        self.pen,
                        self.left + a * width,
                        y,
                        (b - a) * width - self.em,
                        float(a > 0),
                        cells.price if a else None,
                    )

    def put(self, pen: Pen, x: float, y: float, room: float, place: float, cell: Cell | None = None) -> None:
        """Writes a text, or that of a cell, at a place from the left (0) to the right (1) of its room."""
        if self.real and happens(self.rng, 0.85):
            self.paste(self.real, pen.size, x, y, room, place, cell is not None)
            return
        text = cell(self.rng) if cell else self.pens.text(self.rng, "receipt", pen)
        writing = write(pen, pen.written(text), spacing=self.spacing, limit=room)
        if writing is not None and writing.width <= room:
            x += (room - writing.width) * place
            self.sheet.write(writing, x, y + 0.8 * pen.size - writing.baseline, self.tone)

    def paste(self, real: RealLines, size: float, x: float, y: float, room: float, place: float, is_cell: bool) -> None:
        """Pastes a real line in the same way, with its paper made as light as the receipt's."""
        crop, line = real.draw(self.rng, size * between(self.rng, 0.9, 1.1), is_cell)
        if crop.shape[1] <= room:
            x += (room - crop.shape[1]) * place
            shift = self.ground - ground_of(crop)
            self.sheet.paste(crop, x, y, line, feathered(len(crop), crop.shape[1], 1), shift)


def item_columns(rng: Rng, width: float) -> list[tuple[float, float, Cell]]:
    """Up to four columns of short cells: the start and end of each, in ems from the left, and its kind.

    The last one ends at the right edge of the receipt. Columns are more than a wide space apart.
    """
    columns: list[tuple[float, float, Cell]] = []
    end = width
    for _ in range(whole(rng, 1, 4)):
        kind = cells.column(rng)
        room = between(rng, 1.2, 3.5) if kind in (cells.lone, cells.count) else between(rng, 3, cells.WIDEST)
        if end - room < 0.05 * width:
            break
        columns.insert(0, (end - room, end, kind))
        end -= room + between(rng, 1.2, 3.0)
    return columns or [(0.7 * width, width, cells.price)]


def receipt(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Receipt(rng, pens, size).set()
