"""Texts of receipts, forms and book pages: fields, and lines of up to 64 characters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bitocr.lab.data.synth import tokens, words
from bitocr.lab.data.synth.chance import Weighted, happens, pick, whole
from bitocr.lab.data.synth.scene_text import invent

Rng = np.random.Generator

LONGEST = 64
_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "IX", "X", "XII", "XVI", "XXI", "XL")
_RECEIPT = tokens.patterns("receipt")
_FORM = tokens.patterns("form")


class DocumentText:
    """`DocumentText()(rng, "receipt" | "form" | "book")` is a line or field of 1..64 characters with single spaces."""

    def __init__(self) -> None:
        self.running = words.english(0.95)
        self.words = words.english(0.7)
        self.foreign = words.foreign(0.6)
        self._slots: dict[str, Callable[[Rng], str]] = {
            "amount": tokens.amount,
            "price": tokens.price,
            "number": tokens.number,
            "percent": tokens.percent,
            "unit": lambda rng: pick(rng, tokens.UNITS),
            "date": tokens.date,
            "time": tokens.clock,
            "code": tokens.code,
            "phone": tokens.phone,
            "web": lambda rng: tokens.web(rng, self.words),
            "First": lambda rng: pick(rng, tokens.FIRST_NAMES),
            "Name": lambda rng: self._name(rng).capitalize(),
            "NAME": lambda rng: self._name(rng).upper(),
            "sentence": self.sentence,
            "at": lambda rng: "@",
            "hash": lambda rng: "#",
        }
        self._receipt_kinds = Weighted({"pattern": 80, "scramble": 5, "words": 15})
        self._genres: dict[str, Callable[[Rng], str]] = {
            "receipt": self._receipt,
            "form": self._form,
            "book": self._book,
        }

    def __call__(self, rng: Rng, genre: str) -> str:
        while True:
            text = " ".join(self._genres[genre](rng).split())
            if len(text) > LONGEST:
                text = _cut(text)
            if text:
                return text

    def _name(self, rng: Rng) -> str:
        kind = rng.random()
        if kind < 0.7:
            return self.words(rng)
        return self.foreign(rng) if kind < 0.9 else invent(rng)

    def sentence(self, rng: Rng, most: int = 12) -> str:
        """Running words with punctuation: commas, quotes, hyphens, brackets."""
        parts = [self._marked(rng) for _ in range(whole(rng, 1, most))]
        text = " ".join(parts)
        if happens(rng, 0.35):
            text = text[:1].upper() + text[1:]
        return text + pick(rng, (".", "", "", "", ",", ";", "?", "!", ":"))

    def _marked(self, rng: Rng) -> str:
        word = (self.running if happens(rng, 0.85) else self.words)(rng)
        if happens(rng, 0.1):
            word = word.capitalize()
        kind = rng.random()
        if kind < 0.08:
            return word + ","
        if kind < 0.16:
            return word + pick(rng, (".", ";", ":", "?", "!", ".)", "'s", "--", ".--", "-", "'"))
        if kind < 0.20:
            return pick(rng, (f'"{word}', f'{word}"', f'{word},"', f"'{word}'", f"({word})", f"'{word}", f'{word}."'))
        if kind < 0.225:
            return f"{word}{pick(rng, ('-', '--'))}{self.running(rng)}"
        return tokens.number(rng) if kind > 0.98 else word

    def _receipt(self, rng: Rng) -> str:
        kind = self._receipt_kinds(rng)
        if kind == "scramble":
            return tokens.scramble(rng)
        if kind == "words":
            text = " ".join(self._name(rng) for _ in range(whole(rng, 1, 6)))
            return text.title() if happens(rng, 0.3) else text.upper()
        text = tokens.fill(rng, pick(rng, _RECEIPT), self._slots)
        return text.upper() if happens(rng, 0.35) else text

    def _form(self, rng: Rng) -> str:
        text = tokens.fill(rng, pick(rng, _FORM), self._slots)
        return text.upper() if happens(rng, 0.2) else text

    def _book(self, rng: Rng) -> str:
        """A heading, or a line of a paragraph, which begins and ends at any word and is sometimes hyphenated."""
        if happens(rng, 0.08):
            return self._heading(rng)
        text = _cut(" ".join(self.sentence(rng) for _ in range(3)), whole(rng, 20, LONGEST))
        return text + "-" if text[-1:].isalpha() and happens(rng, 0.08) else text

    def _heading(self, rng: Rng) -> str:
        title = " ".join(self.running(rng) for _ in range(whole(rng, 1, 6))).upper()
        text = pick(rng, (f"CHAPTER {pick(rng, _NUMERALS)}.", str(whole(rng, 1, 420)), title, f"[{whole(rng, 1, 99)}]"))
        return text if happens(rng, 0.8) else f"{whole(rng, 1, 420)} {text}"


def _cut(text: str, longest: int = LONGEST) -> str:
    """A run of whole words of at most `longest` characters."""
    parts = text.split()
    kept = [parts[0][:longest]]
    for part in parts[1:]:
        if len(" ".join(kept)) + 1 + len(part) > longest:
            break
        kept.append(part)
    return " ".join(kept)
