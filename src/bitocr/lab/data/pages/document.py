"""Pages of prose in one to three columns, with headings, lists, footnotes and pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bitocr.lab.data.pages import grounds
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic, tone_for
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import Weighted, between, happens, whole

Rng = np.random.Generator
_ROLES = Weighted({"book": 7, "form": 2, "screen": 1})


@dataclass
class _Column:
    left: float
    width: float
    y: float
    bottom: float


class _Document:
    """A page while it is typeset."""

    def __init__(self, rng: Rng, pens: Pens, size: int, split: str) -> None:
        self.rng, self.pens, self.split = rng, pens, split
        self.sheet = Sheet(grounds.paper(rng, size, size))
        self.tone = tone_for(rng, self.sheet.ground((0, 0, size, size)), 80)
        self.han, self.role = happens(rng, 0.25), _ROLES(rng)
        self.em = round(logarithmic(rng, 8, 40))
        self.pen = pens.pen(rng, self.role, self.em, self.han)
        self.small = pens.pen(rng, self.role, max(7, round(self.em * between(rng, 0.7, 0.9))), self.han)
        self.pitch = between(rng, 1.08, 1.9) * self.em
        self.is_justified = happens(rng, 0.5)

    def set(self) -> Sheet:
        rng, size = self.rng, self.sheet.width
        margin = between(rng, 6, 90)
        top = self.set_title(margin, between(rng, -0.5, 3) * self.pitch)
        count = whole(rng, 1, 3) if size / self.em > 25 else 1
        gap = between(rng, 1.3, 3.5) * self.em
        width = (size - 2 * margin - gap * (count - 1)) / count
        for i in range(count):
            self.set_column(_Column(margin + i * (width + gap), width, top, size - between(rng, 0, 60)))
        return self.sheet

    def set_title(self, left: float, y: float) -> float:
        rng = self.rng
        if not happens(rng, 0.4):
            return y
        pen = self.pens.pen(rng, self.role, round(self.em * between(rng, 1.2, 3.5)), self.han)
        for _ in range(whole(rng, 1, 2)):
            writing = write(pen, self.pens.text(rng, "book", pen), limit=self.sheet.width - 2 * left)
            if writing is None:
                continue
            x = (self.sheet.width - writing.width) / 2 if happens(rng, 0.5) else left
            y = self.sheet.write(writing, x, max(0.0, y), self.tone)[3] + 0.4 * self.em
        return y + self.em

    def set_column(self, column: _Column) -> None:
        rng = self.rng
        while column.y < column.bottom:
            kind = rng.random()
            if kind < 0.08:
                column.y += self.pitch * between(rng, 0.4, 4)
            elif kind < 0.13:
                self.set_picture(column)
            elif kind < 0.22:
                self.set_heading(column)
            elif kind < 0.32:
                self.set_items(column)
            elif kind < 0.36:
                self.set_notes(column)
            else:
                self.set_paragraph(column, self.pen, self.pitch, whole(rng, 1, 9), 0.0)
            column.y += self.pitch * (between(rng, 0, 0.8) if happens(rng, 0.5) else 0)

    def set_heading(self, column: _Column) -> None:
        rng = self.rng
        pen = self.pens.pen(rng, self.role, round(self.em * between(rng, 0.9, 1.7)), self.han)
        tracking = between(rng, 0.1, 0.5) * pen.size if happens(rng, 0.12) else 0.0
        writing = write(pen, self.pens.text(rng, "book", pen), tracking, limit=column.width)
        if writing is not None:
            x = column.left + (happens(rng, 0.3) and (column.width - writing.width) / 2)
            column.y = self.sheet.write(writing, x, column.y, self.tone)[3] + 0.5 * self.pitch

    def set_items(self, column: _Column) -> None:
        """A list. Its bullets or numbers are lines of their own or part of the text."""
        indent = between(self.rng, 0.8, 3) * self.em
        is_numbered = happens(self.rng, 0.5)
        for number in range(whole(self.rng, 2, 6)):
            mark = write(self.pen, f"{number + 1}." if is_numbered else "-")
            if mark is not None and column.y < column.bottom:
                self.sheet.write(mark, column.left, column.y + 0.75 * self.em - mark.baseline, self.tone)
            self.set_paragraph(column, self.pen, self.pitch, whole(self.rng, 1, 2), indent, 0.0)

    def set_notes(self, column: _Column) -> None:
        if happens(self.rng, 0.7):
            self.sheet.stroke((column.left, column.y), (column.left + column.width * 0.4, column.y), self.tone)
            column.y += 0.4 * self.em
        self.set_paragraph(column, self.small, self.pitch * 0.8, whole(self.rng, 1, 4), 0.0)

    def set_paragraph(
        self, column: _Column, pen: Pen, pitch: float, lines: int, indent: float, first: float | None = None
    ) -> None:
        rng, width = self.rng, column.width - indent
        if first is None:
            first = between(rng, 0, 2.5) * self.em if happens(rng, 0.3) else 0.0
        for i in range(lines):
            if column.y > column.bottom or width < 3 * self.em:
                return
            start = first if i == 0 else 0.0
            share = between(rng, 0.1, 1) if i == lines - 1 else 1.0
            self.set_line(pen, column.left + indent + start, column.y, (width - start) * share, i < lines - 1)
            column.y += pitch

    def set_line(self, pen: Pen, x: float, y: float, width: float, is_full: bool) -> None:
        length = int(width / pen.size * (1.0 if pen.is_han else 2.6)) + 4
        text = self.pens.prose(self.rng, self.role, pen, length)
        writing = write(pen, text, limit=width)
        if writing is None:
            return
        gaps = len(writing.words) - 1
        if is_full and self.is_justified and gaps > 1 and writing.width > 0.7 * width:
            # Write the same words again, with spaces that justify the line.
            space = max(1.0, pen.glyph(" ")[3])
            stretched = 1 + (width - writing.width) / gaps / space
            writing = write(pen, text, spacing=stretched, limit=width + 2) or writing
        self.sheet.write(writing, x, y + 0.8 * pen.size - writing.baseline, self.tone)

    def set_picture(self, column: _Column) -> None:
        height = int(min(between(self.rng, 2, 10) * self.em, column.bottom - column.y))
        left, top = round(column.left), round(column.y)
        width = int(min(column.width * between(self.rng, 0.4, 1), self.sheet.width - left))
        if height > 16 and width > 16 and top >= 0:
            plane = grounds.scene(self.rng, height, width, self.split)
            if happens(self.rng, 0.3):
                plane = halftone(plane)
            self.sheet.ink(np.full(plane.shape, 255, np.uint8), left, top, plane)
        column.y += max(0, height) + self.pitch


def halftone(plane: grounds.Plane) -> grounds.Plane:
    """Prints the picture in dots, as newspapers do."""
    y, x = np.indices(plane.shape)
    dots = 127 + 90 * np.sin(x * 1.1 + y * 0.6) + 90 * np.sin(y * 1.1 - x * 0.6)
    return np.where(plane > dots, 255, 0).astype(np.float32)


def document(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Document(rng, pens, size, split).set()
