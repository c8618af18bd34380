"""English: scene words and document lines in Latin faces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bitocr.lab.data.charset import SIGNS, Charset
from bitocr.lab.data.synth.chance import Weighted, happens
from bitocr.lab.data.synth.document_text import DocumentText
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.pen import Font
from bitocr.lab.data.synth.scene_text import SceneText
from bitocr.lab.data.synth.signs import SignText
from bitocr.lab.data.synth.typography import typeset

Rng = np.random.Generator

_SIGNED = 0.04
"""The share of texts around signs, if the charset has signs."""
_PRINTED_SHARES = {"book": 0.7, "quoted": 0.6, "screen": 0.4}
_GENRES = Weighted({"receipt": 42, "form": 30, "book": 28})
_ON_SCREENS = Weighted({"form": 60, "book": 40})


class English:
    """A `language.Language`. `longest` is the most characters of a text, `split` the split of the faces.

    If the charset has SIGNS, texts contain them as printed. Otherwise labels keep the characters of a keyboard.
    """

    genres = _GENRES
    screens = 0.0
    smallest = 16
    pitch = 1.0

    def __init__(
        self,
        faces: Sequence[Face] | None = None,
        longest: int | None = None,
        split: str = "all",
        charset: Charset | None = None,
    ) -> None:
        self.fonts = FontBook(faces, split)
        self.longest = longest
        self.signs = charset is not None and charset.covers(SIGNS)
        self.scene_text, self.document_text = SceneText(), DocumentText()
        self.sign_text = SignText(self.document_text)

    @property
    def faces(self) -> tuple[Face, ...]:
        return self.fonts.faces

    def text(self, rng: Rng, role: str) -> str:
        while True:
            text = self._text(rng, role)
            if self.longest is None or len(text) <= self.longest:
                return text

    def _text(self, rng: Rng, role: str) -> str:
        genre = _ON_SCREENS(rng) if role == "screen" else role
        if not self.signs:
            return self.scene_text(rng) if role == "scene" else self.document_text(rng, genre)
        if happens(rng, _SIGNED):
            return " ".join(self.sign_text(rng).split())
        return self.set_signs(rng, role, self.scene_text(rng) if role == "scene" else self.document_text(rng, genre))

    def set_signs(self, rng: Rng, role: str, text: str) -> str:
        """The text with printed quotes and dashes, which books have more often than receipts."""
        return typeset(rng, text, _PRINTED_SHARES.get(role, 0.3))

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        return self.fonts(rng, "form" if role == "screen" else role, text)

    def open(self, rng: Rng, face: Face, role: str, size: float) -> Font:
        return face.open(size)

    def label(self, face: Face, text: str) -> str:
        return face.written(text)

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        """The label as printed, if the face has the signs for it and the charset does not."""
        if self.signs:
            return label
        printed = typeset(rng, label)
        return printed if face.covers(printed) else label
