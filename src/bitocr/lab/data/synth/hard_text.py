"""Texts of hard pictures: codes, addresses, quotes, leaders, and letters whose case only their neighbours show."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth import codes, tokens
from bitocr.lab.data.synth.chance import happens, pick, whole
from bitocr.lab.data.synth.english import English
from bitocr.lab.data.synth.faces import Face

Rng = np.random.Generator

LONGEST = 40
_SAME = "cosuvwxz"  # the capitals have the same shape; only their size differs
_NEAR = "kpyjfimtl"  # the capitals have nearly the same shape
_LABELS = ("Tel:", "No.", "Date:", "Page", "of", "Company Reg No.", "Ref:", "To:", "x", "c/o", "vs.")
_NUMERALS = ("I", "II", "III", "IV", "VI", "VII", "VIII", "IX", "XI", "XII", "XIII", "XIV", "XVI")
_LEADERS = (".", ".", ".", ". ", "_", "-", "*", "=")
_VERBATIM = ("code", "web", "leader")


class HardText(English):
    """English with the usual roles and these: fancy, code, web, case, quoted, leader, sign."""

    def __init__(
        self,
        faces: Sequence[Face] | None = None,
        longest: int | None = None,
        split: str = "all",
        charset: Charset | None = None,
    ) -> None:
        super().__init__(faces, longest, split, charset)
        self._made: dict[str, Callable[[Rng], str]] = {
            "fancy": self.scene_text,
            "code": codes.code,
            "web": lambda rng: codes.address(rng, self.scene_text.words),
            "case": self._case,
            "quoted": self._quoted,
            "leader": self._leader,
            "sign": self.sign_text if self.signs else self.scene_text,
        }

    def _text(self, rng: Rng, role: str) -> str:
        if role not in self._made:
            return super()._text(rng, role)
        text = " ".join(self._made[role](rng).split())[:LONGEST].strip()
        if not text:
            return self._text(rng, role)
        return text if role in _VERBATIM or not self.signs else self.set_signs(rng, role, text)

    def face(self, rng: Rng, role: str, text: str) -> Face | None:
        drawn = {
            "web": "code",
            "case": pick(rng, ("scene", "form", "book")),
            "quoted": pick(rng, ("book", "book", "form", "scene")),
            "leader": pick(rng, ("receipt", "form", "book")),
            "sign": pick(rng, ("scene", "form", "book", "receipt")),
        }
        return super().face(rng, drawn.get(role, role), text)

    def _case(self, rng: Rng) -> str:
        """Words in mixed cases, so that a letter's height shows its case; and I and numerals, which context shows."""
        kind = rng.random()
        if kind < 0.16:
            return f"{pick(rng, ('I', 'I', 'and I', 'If I'))} {self.document_text.sentence(rng, 4)}"
        if kind < 0.36:
            name = self.document_text.running(rng).capitalize()
            first = f"{name} {pick(rng, _NUMERALS)}{pick(rng, ('', '', '.', ','))}"
            return f"{first} {self._cased(rng)} {pick(rng, _NUMERALS)}" if happens(rng, 0.4) else first
        words = [self._cased(rng) for _ in range(whole(rng, 2, 4))]
        return " ".join([pick(rng, _LABELS), *words] if happens(rng, 0.25) else words)

    def _cased(self, rng: Rng) -> str:
        word = self.scene_text.words(rng)
        if happens(rng, 0.35):
            word = codes.run(rng, _SAME + ("aeiou" if happens(rng, 0.4) else _NEAR), 1, 6)
        mixed = word[:1].lower() + word[1:].upper() if happens(rng, 0.2) else word
        return pick(rng, (word.upper(), word.lower(), word.lower(), word.capitalize(), mixed))

    def _quoted(self, rng: Rng) -> str:
        """Opening quotes: before words, after dashes and brackets, nested."""
        running, inner = self.document_text.running, self.document_text.sentence(rng, 6).strip("\"' ")
        quote, kind = pick(rng, ('"', '"', '"', "'")), rng.random()
        if kind < 0.45:
            text = quote + inner
        elif kind < 0.65:
            text = quote + inner + quote
        elif kind < 0.8:
            text = f"{running(rng)} {quote}{inner}"
        elif kind < 0.9:
            text = f"{running(rng)}, {quote}{inner}{pick(rng, ',.?!')}{quote} {running(rng)}"
        else:
            text = f"\"'{inner}"
        return text[:1].upper() + text[1:] if happens(rng, 0.3) else text

    def _leader(self, rng: Rng) -> str:
        """A name, a row of dots, and an amount, as in price lists and tables of contents."""
        name = " ".join(self.document_text.words(rng) for _ in range(whole(rng, 1, 2)))
        row = (pick(rng, _LEADERS) * whole(rng, 3, 16)).strip()
        end = pick(rng, (tokens.number, tokens.amount, tokens.price))(rng)
        gap = pick(rng, (" ", " ", ""))
        if happens(rng, 0.15):
            return row
        return pick(rng, (name.capitalize(), name, name.upper())) + gap + row + (gap + end if happens(rng, 0.8) else "")
