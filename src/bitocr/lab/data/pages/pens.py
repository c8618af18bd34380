"""Typefaces and texts of both languages, and pens: a typeface at a size, with its glyphs cached."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from bitocr.lab.data.pages.real import Place, RealLines
from bitocr.lab.data.synth.chance import between, happens, pick
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.fonts import classify
from bitocr.lab.data.synth.language import LANGUAGES, Language, open_language
from bitocr.lab.data.synth.pen import Font, Mask, draw

Rng = np.random.Generator
Glyph = tuple[Mask, int, int, float]
"""Ink, its top left corner relative to the pen, and the advance, in pixels."""

_TRIES = 30
_FAINTEST = 60
"""The least ink (of 255) that counts as visible."""
_NO_INK: Mask = np.zeros((0, 0), np.uint8)


class Pen:
    """A typeface at a size in pixels. Each glyph is drawn when first used."""

    def __init__(self, face: Face, font: Font, size: float, is_han: bool) -> None:
        self.face, self.font, self.size, self.is_han = face, font, size, is_han
        self._glyphs: dict[str, Glyph] = {}

    def glyph(self, character: str) -> Glyph:
        if character not in self._glyphs:
            ink, x, y = tight(*draw(self.font, character)) if character != " " else (_NO_INK, 0, 0)
            self._glyphs[character] = ink, x, y, float(self.font.getlength(character))
        return self._glyphs[character]

    def written(self, text: str) -> str:
        """The text as this face can write it, without characters that it lacks."""
        text = self.face.written(text)
        return text if self.face.covers(text) else "".join(c for c in text if self.face.covers(c))


def tight(ink: Mask, at: tuple[int, int]) -> tuple[Mask, int, int]:
    """Cuts faint rows and columns off the edges of ink; also returns its new position."""
    shows = ink >= _FAINTEST
    rows, columns = np.flatnonzero(shows.any(1)), np.flatnonzero(shows.any(0))
    if not len(rows):
        return _NO_INK, 0, 0
    left, top = int(columns[0]), int(rows[0])
    return ink[top : rows[-1] + 1, left : columns[-1] + 1], round(at[0]) + left, round(at[1]) + top


class Pens:
    """The typefaces, texts and real crops of a page.

    Args:
        split: the split of the faces, one of `synth.split.SPLITS`.
        real: crops to paste in beside rendered text.
        languages: "english" and "chinese"; None opens them with the split's faces.
    """

    def __init__(
        self,
        split: str = "all",
        real: Mapping[Place, RealLines] | None = None,
        languages: Mapping[str, Language] | None = None,
    ) -> None:
        self.real = dict(real or {})
        self.languages = languages or {name: open_language(name, split=split) for name in LANGUAGES}
        self._scripts = [face for face in self.languages["english"].faces if classify(face) == "script"]

    def pen(self, rng: Rng, role: str, size: float, han: bool = False) -> Pen:
        language = self.languages["chinese" if han else "english"]
        for _ in range(_TRIES):
            face = language.face(rng, role, "中国 12" if han else "A1")
            if face is not None:
                break
        else:
            face = pick(rng, language.faces)
        return Pen(face, language.open(rng, face, role, size), size, han)

    def hand(self, rng: Rng, size: float) -> Pen:
        """A handwriting pen, or a print one if there is no handwriting face."""
        if not self._scripts:
            return self.pen(rng, "scene", size)
        face = pick(rng, self._scripts)
        return Pen(face, face.open(size), size, False)

    def text(self, rng: Rng, role: str, pen: Pen) -> str:
        """The text of a field, line or sign, as the pen can write it."""
        language = self.languages["chinese" if pen.is_han else "english"]
        for _ in range(_TRIES):
            text = pen.written(language.text(rng, role)).strip()
            if text:
                return text
        return "123"

    def prose(self, rng: Rng, role: str, pen: Pen, length: int) -> str:
        """Running text of about `length` characters."""
        parts: list[str] = []
        total = 0
        between_parts = "" if pen.is_han else " "
        while total < length:
            parts.append(self.text(rng, role, pen))
            total += len(parts[-1]) + 1
        return between_parts.join(parts)[:length].strip()


def tone_for(rng: Rng, ground: float, contrast: float) -> float:
    """A gray for ink that differs from its ground by at least `contrast`."""
    darker, lighter = ground - contrast, ground + contrast
    if lighter > 255 or (darker >= 0 and happens(rng, min(1.0, darker / 160))):
        return between(rng, max(0.0, darker - 120), max(0.0, darker))
    return between(rng, lighter, 255)


def logarithmic(rng: Rng, low: float, high: float) -> float:
    return float(low * (high / low) ** rng.random())
