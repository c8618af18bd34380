"""Forms and tables: labels and values, with or without rules, striped, white on black, filled in by machine or hand."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from bitocr.lab.data.pages import cells, grounds
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic, tone_for
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole

Rng = np.random.Generator
Cell = Callable[[Rng], str]
_GRIDS = Weighted({"full": 30, "rows": 15, "fields": 20, "none": 35})


class _Form:
    def __init__(self, rng: Rng, pens: Pens, size: int) -> None:
        self.rng, self.pens = rng, pens
        self.sheet = Sheet(grounds.paper(rng, size, size))
        self.ground = self.sheet.ground((0, 0, size, size))
        self.tone = tone_for(rng, self.ground, 80)
        self.rule_tone = self.tone if happens(rng, 0.6) else (self.tone + self.ground) / 2
        self.han = happens(rng, 0.25)
        self.em = round(logarithmic(rng, 8, 34))
        self.grid = _GRIDS(rng)
        role = "receipt" if happens(rng, 0.25) else "form"
        self.label = pens.pen(rng, role, self.em, self.han)
        self.value = pens.pen(rng, "form", max(7, round(self.em * between(rng, 0.8, 1.25))), self.han)
        self.hand = pens.hand(rng, round(self.em * between(rng, 1.0, 2.2)))
        self.by_hand = between(rng, 0.1, 0.9) if happens(rng, 0.3) else 0.0

    def set(self) -> Sheet:
        y = between(self.rng, 2, 50)
        if happens(self.rng, 0.5):
            y = self.set_heading(y)
        while y < self.sheet.height - self.em:
            kind = self.rng.random()
            if kind < 0.55:
                y = self.set_table(y)
            elif kind < 0.85:
                y = self.set_fields(y)
            else:
                y = self.set_note(y)
            y += self.em * between(self.rng, 0.3, 2.5)
        if self.by_hand:
            self.sign()
        return self.sheet

    def put(
        self, pen: Pen, x: float, y: float, limit: float, tone: float, place: float = 0.0, cell: Cell | None = None
    ) -> None:
        """Writes a text, or that of a cell, of at most `limit` pixels, with its baseline 0.8 em below y.

        Args:
            place: its position in the room, from the left (0) to the right (1).
        """
        is_hand = pen is self.hand
        text = pen.written(cell(self.rng)) if cell else self.pens.text(self.rng, "form", pen)
        if cell is None and len(text) > 3 and happens(self.rng, 0.3):
            text = " ".join(text.split()[: whole(self.rng, 1, 3)])
        tracking = between(self.rng, 0, 0.15) * pen.size if happens(self.rng, 0.05) else 0.0
        writing = write(pen, text, tracking, limit=limit)
        if writing is None or writing.width > limit:
            return
        x += (limit - writing.width) * place
        drop = self.rng.normal(0, 0.12) * pen.size if is_hand else 0.0
        self.sheet.write(writing, x, y + 0.8 * self.em + drop - writing.baseline, tone)

    def set_heading(self, y: float) -> float:
        pen = self.pens.pen(self.rng, "form", round(self.em * between(self.rng, 1.1, 2.5)), self.han)
        writing = write(pen, self.pens.text(self.rng, "form", pen), limit=self.sheet.width - 20)
        if writing is None:
            return y
        x = between(self.rng, 8, max(9, self.sheet.width - writing.width - 8))
        return self.sheet.write(writing, x, y, self.tone)[3] + self.em

    def columns(self) -> list[float]:
        """The left edges of the columns, and the right edge of the table."""
        left, right = between(self.rng, 4, 60), self.sheet.width - between(self.rng, 4, 60)
        count = whole(self.rng, 2, 7) if happens(self.rng, 0.7) else whole(self.rng, 7, 18)
        least = between(self.rng, 1.5, 3)
        xs = np.sort(np.append(between(self.rng, left, left + 1), left + (right - left) * self.rng.random(count - 1)))
        kept = [float(xs[0])]
        kept += [float(x) for x, before in zip(xs[1:], xs, strict=False) if x - before > least * self.em]
        return [*kept, right]

    def set_table(self, y: float) -> float:
        rng, sheet = self.rng, self.sheet
        xs = self.columns()
        pitch = self.em * (between(rng, 1.15, 1.6) if happens(rng, 0.5) else between(rng, 1.6, 3.2))
        rows = whole(rng, 2, 14)
        above = (pitch - self.em) / 2
        has_head, is_zebra = happens(rng, 0.25), happens(rng, 0.12)
        places = [pick(rng, (0.0, 0.0, 0.5, 1.0)) for _ in xs]
        kinds = self.kinds(xs)
        width, pad = whole(rng, 1, 3), between(rng, 0.2, 0.6) * self.em
        head_tone = tone_for(rng, self.ground, 90)
        top = y
        for row in range(rows):
            if y > sheet.height:
                break
            tone = self.tone
            if has_head and row == 0:
                sheet.fill((round(xs[0]), round(y), round(xs[-1]), round(y + pitch)), head_tone)
                tone = tone_for(rng, head_tone, 90)
            elif is_zebra and row % 2:
                shade = self.ground + (self.tone - self.ground) * 0.15
                sheet.fill((round(xs[0]), round(y), round(xs[-1]), round(y + pitch)), shade)
            for i, x in enumerate(xs[:-1]):
                room = xs[i + 1] - x - 2 * pad
                if room > 0.5 * self.em and not happens(rng, 0.2):
                    kind = None if has_head and row == 0 and happens(rng, 0.7) else kinds[i]
                    self.put(self.cell_pen(i), x + pad, y + above, room, tone, places[i], kind)
            y += pitch
            if self.grid in ("full", "rows") and y < sheet.height:
                sheet.stroke((xs[0], y), (xs[-1], y), self.rule_tone, width)
        if self.grid == "full":
            sheet.stroke((xs[0], top), (xs[-1], top), self.rule_tone, width)
            for x in xs:
                sheet.stroke((x, top), (x, y), self.rule_tone, width)
        return y

    def kinds(self, xs: list[float]) -> list[Cell | None]:
        """The kind of each column: texts (None) or short cells. A narrow column has room for short cells only."""
        rng, is_short = self.rng, happens(self.rng, 0.5)
        kinds: list[Cell | None] = []
        for x, end in pairwise(xs):
            if end - x < 4 * self.em:
                kinds.append(cells.narrow(rng))
            else:
                kinds.append(cells.column(rng) if happens(rng, 0.75 if is_short else 0.1) else None)
        return kinds

    def cell_pen(self, column: int) -> Pen:
        if self.by_hand and column and happens(self.rng, self.by_hand):
            return self.hand
        return self.label if column == 0 else self.value

    def set_fields(self, y: float) -> float:
        """Labels, with filled-in values behind or below them."""
        rng = self.rng
        pitch = self.em * between(rng, 1.2, 3.0)
        count = whole(rng, 1, 3)
        for _ in range(whole(rng, 2, 8)):
            for i in range(count):
                left = 10 + i * self.sheet.width / count
                self.set_field(left, y, self.sheet.width / count - 20)
            y += pitch
            if y > self.sheet.height:
                break
        return y

    def set_field(self, x: float, y: float, room: float) -> None:
        rng = self.rng
        label = write(self.label, self.pens.text(rng, "form", self.label), limit=room)
        if label is None or happens(rng, 0.1):
            return
        x = (
            self.sheet.write(label, x, y + 0.8 * self.em - label.baseline, self.tone)[2]
            + between(rng, 0.3, 3) * self.em
        )
        room -= label.width + 3 * self.em
        if room < 2 * self.em:
            return
        if self.grid == "fields" or self.by_hand:
            self.sheet.stroke((x, y + self.em), (x + room, y + self.em), self.rule_tone, whole(rng, 1, 2))
        if happens(rng, 0.08):
            self.boxes(x, y)
        elif happens(rng, 0.75):
            self.put(self.cell_pen(1), x, y, room, self.tone, cell=cells.column(rng) if happens(rng, 0.3) else None)

    def boxes(self, x: float, y: float) -> None:
        """Checkboxes, perhaps ticked."""
        for _ in range(whole(self.rng, 1, 5)):
            side = round(self.em * 0.8)
            place = round(x), round(y), round(x) + side, round(y) + side
            self.sheet.fill(place, self.ground, 0.0, self.rule_tone)
            if happens(self.rng, 0.4):
                self.sheet.stroke((x, y), (x + side, y + side), self.tone, 2)
                self.sheet.stroke((x + side, y), (x, y + side), self.tone, 2)
            x += side * between(self.rng, 1.2, 4)

    def set_note(self, y: float) -> float:
        pen = self.label
        pitch = between(self.rng, 1.1, 1.5) * self.em
        for _ in range(whole(self.rng, 1, 4)):
            text = self.pens.prose(self.rng, "book", pen, whole(self.rng, 20, 120))
            writing = write(pen, text, limit=self.sheet.width - 20)
            if writing is not None:
                self.sheet.write(writing, 10, y + 0.8 * self.em - writing.baseline, self.tone)
            y += pitch
        return y

    def sign(self) -> None:
        """A handwritten word where the page is empty."""
        pen = self.pens.hand(self.rng, round(self.em * between(self.rng, 1.5, 4)))
        writing = write(pen, self.pens.text(self.rng, "scene", pen).title())
        if writing is None:
            return
        x, y = (int(between(self.rng, 0, max(1, self.sheet.width - side))) for side in (writing.width, writing.height))
        box = x - 4, y - 4, x + writing.width + 4, y + writing.height + 4
        spread = float(self.sheet.pixels[max(0, box[1]) : box[3], max(0, box[0]) : box[2]].std())
        if spread < 12:
            self.sheet.write(writing, x, y, pick(self.rng, (self.tone, (self.tone + self.ground) / 2)))


def form(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Form(rng, pens, size).set()
