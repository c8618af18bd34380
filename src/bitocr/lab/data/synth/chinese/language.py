"""Simplified Chinese: hanzi, Latin letters, digits and both kinds of punctuation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from bitocr.errors import UsageError
from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.data.synth.chance import Weighted, happens
from bitocr.lab.data.synth.chinese.faces import HanFace
from bitocr.lab.data.synth.chinese.fonts import HanBook
from bitocr.lab.data.synth.chinese.text import LONGEST, ChineseText
from bitocr.lab.data.synth.chinese.words import is_hanzi
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.pen import Font
from bitocr.language.unicode_forms import normalise

Rng = np.random.Generator

_GENRES = Weighted({"receipt": 25, "form": 35, "book": 40})
_LATIN_ROLES = {"scene": "scene", "screen": "form", "receipt": "receipt", "form": "form", "book": "book"}


@lru_cache(maxsize=1)
def _latin_book() -> FontBook:
    return FontBook()


class Chinese:
    """A `language.Language`.

    Args:
        charset: the charset of the labels; None for `chinese`.
        faces: HanFaces; None for all of this machine, with Latin faces for a part of the mixed lines.
        longest: the most characters of a text; None for 40.
        split: the split of the Han faces; Latin faces are not split.

    Raises:
        UsageError: the charset has no hanzi, or there are no fonts.
    """

    genres = _GENRES
    screens = 0.55
    smallest = 11
    pitch = 0.6

    def __init__(
        self,
        charset: Charset | None = None,
        faces: Sequence[Face] | None = None,
        longest: int | None = None,
        split: str = "all",
    ) -> None:
        charset = charset or open_charset("chinese")
        if not any(map(is_hanzi, charset.characters)):
            raise UsageError("the charset has no hanzi to render Chinese with")
        given = None if faces is None else [face for face in faces if isinstance(face, HanFace)]
        self.fonts = HanBook(charset.characters, given, split)
        self.latin = _latin_book() if faces is None else None
        self.text_of = ChineseText(charset, longest or LONGEST)

    @property
    def faces(self) -> tuple[Face, ...]:
        return self.fonts.faces

    def text(self, rng: Rng, role: str) -> str:
        return self.text_of(rng, role)

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        return self.fonts(rng, role, text)

    def open(self, rng: Rng, face: Face, role: str, size: float) -> Font:
        """The face at a size. In two cases out of five its ASCII comes from a Latin face, as on pages and screens."""
        assert isinstance(face, HanFace)
        other = self.latin(rng, _LATIN_ROLES[role], "Ag0") if self.latin and happens(rng, 0.4) else None
        # Skip Latin faces that lack signs or lowercase letters.
        return face.open(size, other if other and not other.missing and not other.caps_only else None)

    def label(self, face: Face, text: str) -> str:
        return normalise(text)

    def drawn(self, rng: Rng, face: Face, label: str, text: str) -> str:
        return text
