"""English: scene words and document lines in Latin faces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bitocr.lab.data.synth.chance import Weighted
from bitocr.lab.data.synth.document_text import DocumentText
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.pen import Font
from bitocr.lab.data.synth.scene_text import SceneText
from bitocr.lab.data.synth.typography import typeset

Rng = np.random.Generator

_GENRES = Weighted({"receipt": 42, "form": 30, "book": 28})
_ON_SCREENS = Weighted({"form": 60, "book": 40})


class English:
    """See `language.Language`. `longest`: texts with more characters are not drawn; `split`: of the faces."""

    genres = _GENRES
    screens = 0.0
    smallest = 16
    pitch = 1.0

    def __init__(self, faces: Sequence[Face] | None = None, longest: int | None = None, split: str = "all") -> None:
        self.fonts = FontBook(faces, split)
        self.longest = longest
        self.scene_text, self.document_text = SceneText(), DocumentText()

    @property
    def faces(self) -> tuple[Face, ...]:
        return self.fonts.faces

    def text(self, rng: Rng, role: str) -> str:
        while True:
            text = self._text(rng, role)
            if self.longest is None or len(text) <= self.longest:
                return text

    def _text(self, rng: Rng, role: str) -> str:
        if role == "scene":
            return self.scene_text(rng)
        return self.document_text(rng, _ON_SCREENS(rng) if role == "screen" else role)

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        return self.fonts(rng, "form" if role == "screen" else role, text)

    def open(self, rng: Rng, face: Face, role: str, size: float) -> Font:
        return face.open(size)

    def label(self, face: Face, text: str) -> str:
        return face.written(text)

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        """The label as it is printed, where the face has the signs for that."""
        printed = typeset(rng, label)
        return printed if face.covers(printed) else label
