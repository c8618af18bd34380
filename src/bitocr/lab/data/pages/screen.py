"""Screens and interfaces, light and dark: windows, menus, buttons, chats, tiles, overlays on pictures."""

from __future__ import annotations

import cv2
import numpy as np

from bitocr.lab.data.pages import grounds
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic, tone_for
from bitocr.lab.data.pages.sheet import Box, Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole

Rng = np.random.Generator
_PANELS = Weighted({"list": 30, "paragraph": 15, "buttons": 15, "chat": 12, "icons": 13, "table": 15})


class _Screen:
    def __init__(self, rng: Rng, pens: Pens, size: int, split: str) -> None:
        self.rng, self.pens = rng, pens
        is_dark = happens(rng, 0.45)
        ground = between(rng, 0, 70) if is_dark else between(rng, 190, 255)
        plane = np.full((size, size), ground, np.float32)
        if happens(rng, 0.25):
            plane = grounds.scene(rng, size, size, split)
        self.sheet = Sheet(plane)
        self.em = round(logarithmic(rng, 9, 32))
        self.fonts: list[Pen] = []

    def set(self) -> Sheet:
        boxes: list[Box] = [(0, 0, self.sheet.width, self.sheet.height)]
        for _ in range(whole(self.rng, 0, 4)):  # windows side by side
            boxes.append(boxes.pop(whole(self.rng, 0, len(boxes) - 1)))
            boxes[-1:] = self.parted(boxes[-1])
        for box in boxes:
            self.panel(box)
        return self.sheet

    def parted(self, box: Box) -> list[Box]:
        left, top, right, bottom = box
        share = between(self.rng, 0.25, 0.75)
        if right - left > 300 and happens(self.rng, 0.5):
            x = round(left + share * (right - left))
            return [(left, top, x, bottom), (x, top, right, bottom)]
        if bottom - top > 200:
            y = round(top + share * (bottom - top))
            return [(left, top, right, y), (left, y, right, bottom)]
        return [box]

    def choose_fonts(self) -> None:
        """Chooses a font for most texts of a panel, and another for some."""
        if self.fonts and happens(self.rng, 0.5):
            return
        han = happens(self.rng, 0.5)
        size = max(8, round(self.em * between(self.rng, 0.8, 1.25)))
        self.fonts = [self.pens.pen(self.rng, "screen", s, han) for s in (self.em, self.em, size)]

    def panel(self, box: Box) -> None:
        rng, (left, top, right, bottom) = self.rng, box
        self.choose_fonts()
        if happens(rng, 0.4):
            gray = between(rng, 0, 255)
            self.sheet.fill((left + 2, top + 2, right - 2, bottom - 2), gray, between(rng, 0, 14))
        if happens(rng, 0.3):
            bar = round(self.em * between(rng, 1.4, 2.4))
            self.sheet.fill((left, top, right, top + bar), between(rng, 0, 255))
            self.text(left + 8, top + (bar - self.em) / 2, right - left - 16, "scene")
            top += bar
        kind = _PANELS(rng)
        y, pitch = top + between(rng, 4, 30), self.em * between(rng, 1.25, 2.8)
        x = left + between(rng, 4, 40)
        while y + self.em < bottom:
            y += self.rows(kind, x, y, right - x - 6, pitch)

    def rows(self, kind: str, x: float, y: float, room: float, pitch: float) -> float:
        """Draws one row of a panel and returns its lower edge."""
        rng = self.rng
        if kind == "list":
            self.text(x, y, room, "screen")
        elif kind == "paragraph":
            self.text(x, y, room, "screen", is_long=True)
            return self.em * 1.4 if happens(rng, 0.85) else pitch * 1.5
        elif kind == "buttons":
            at = x
            while at < x + room - 3 * self.em:
                at += self.button(at, y, min(room, self.em * between(rng, 3, 9))) + between(rng, 0.3, 2) * self.em
            return max(pitch, self.em * 2)
        elif kind == "chat":
            return self.bubble(x, y, room)
        elif kind == "icons":
            return self.tiles(x, y, room)
        else:
            for i in range(3):
                self.text(x + i * room / 3, y, room / 3 - self.em, "form")
        return pitch

    def text(self, x: float, y: float, room: float, role: str, is_long: bool = False) -> Box | None:
        rng = self.rng
        pen = self.fonts[0] if is_long else pick(rng, self.fonts)
        text = (
            self.pens.prose(rng, role, pen, int(room / pen.size * 2.2) + 2)
            if is_long
            else self.pens.text(rng, role, pen)
        )
        writing = write(pen, text, limit=room)
        if writing is None or writing.width > room:
            return None
        box = round(x), round(y), round(x) + writing.width, round(y) + writing.height
        tone = tone_for(rng, self.sheet.ground(box), between(rng, 45, 110))
        return self.sheet.write(writing, x, y + 0.85 * pen.size - writing.baseline, tone)

    def button(self, x: float, y: float, width: float) -> float:
        rng = self.rng
        high = self.em * between(rng, 1.4, 1.9)
        box = round(x), round(y), round(x + width), round(y + high)
        self.sheet.fill(box, between(rng, 0, 255), between(rng, 0, high / 2), between(rng, 0, 255), whole(rng, 1, 2))
        self.text(x + 0.4 * self.em, y + (high - self.em) / 2, width - 0.8 * self.em, "scene")
        return width

    def bubble(self, x: float, y: float, room: float) -> float:
        rng = self.rng
        lines, width = whole(rng, 1, 4), room * between(rng, 0.3, 0.75)
        left = x if happens(rng, 0.5) else x + room - width
        high = (lines + 0.8) * 1.35 * self.em
        self.sheet.fill(
            (round(left), round(y), round(left + width), round(y + high)), between(rng, 0, 255), self.em * 0.6
        )
        for i in range(lines):
            at = y + (0.5 + 1.35 * i) * self.em
            self.text(left + 0.6 * self.em, at, width - 1.2 * self.em, "screen", is_long=i < lines - 1)
        return high + between(rng, 0.5, 2) * self.em

    def tiles(self, x: float, y: float, room: float) -> float:
        """Icons with their names below."""
        rng = self.rng
        side = self.em * between(rng, 2, 4)
        at = x
        while at + side < x + room:
            self.icon(at, y, side)
            self.text(at, y + side + 0.2 * self.em, side * 1.6, "scene")
            at += side * 1.8
        return side + 2.2 * self.em

    def icon(self, x: float, y: float, side: float) -> None:
        rng = self.rng
        box = round(x), round(y), round(x + side), round(y + side)
        self.sheet.fill(box, between(rng, 0, 255), between(rng, 0, side / 2))
        for _ in range(whole(rng, 1, 4)):
            points = np.array([[between(rng, x, x + side), between(rng, y, y + side)] for _ in range(whole(rng, 2, 4))])
            if happens(rng, 0.5):
                cv2.fillPoly(self.sheet.pixels, [points.astype(np.int32)], between(rng, 0, 255))
            else:
                cv2.polylines(self.sheet.pixels, [points.astype(np.int32)], happens(rng, 0.5), between(rng, 0, 255), 2)


def screen(rng: Rng, pens: Pens, size: int, split: str) -> Sheet:
    return _Screen(rng, pens, size, split).set()
