"""Texts of signs, posters, covers and screens: mostly single words, often in capitals."""

from __future__ import annotations

import numpy as np

from bitocr.lab.data.synth import tokens, words
from bitocr.lab.data.synth.chance import Weighted, happens, pick, whole

Rng = np.random.Generator

LONGEST = 26
_CASES = Weighted({"upper": 42, "lower": 25, "capital": 29, "mixed": 3, "camel": 1})
_MARKS = (".", ",", "!", "?", ":", ";", "'s", "'S", "...", "!!", "-", "&", "*", "'", '"', ")", "/")
_PAIRS = ('""', "()", "''", "[]", "<>", "{}", "**", "--", "//", "__")
_JOINS = ("-", "-", "&", "/", "'", "+", ".", "_", ":", ",")
_HEADS = "b c d f g h j k l m n p r s t v w y z br cr dr fr gr kr pr tr st sh ch th bl cl fl gl sl sp".split()
_HEARTS = "a e i o u a e i o u ai ea ee oo ou ia io y".split()
_TAILS = ("", "", "", "n", "r", "s", "t", "l", "m", "k", "nd", "rt", "ng", "x", "ck")


def recase(rng: Rng, word: str) -> str:
    style = _CASES(rng)
    if style == "upper":
        return word.upper()
    if style == "capital":
        return word[:1].upper() + word[1:]
    if style == "mixed":
        return "".join(c.upper() if happens(rng, 0.5) else c for c in word)
    if style == "camel":
        cut = whole(rng, 0, len(word) - 1)
        return word[:cut].capitalize() + word[cut:].capitalize()
    return word


def invent(rng: Rng) -> str:
    """An invented word, like the name of a place, person or brand."""
    return "".join(pick(rng, _HEADS) + pick(rng, _HEARTS) + pick(rng, _TAILS) for _ in range(whole(rng, 1, 4)))


class SceneText:
    """`SceneText()(rng)` is one or a few words, 1..26 characters, without spaces at the ends."""

    def __init__(self) -> None:
        self.words = words.english(0.76)
        self.foreign = words.foreign(0.7)
        self._kinds = Weighted({
            self._word: 62, self._foreign: 7, self._invented: 3, self._punctuated: 6, self._joined: 3, self._pair: 2,
            self._web: 1.5, tokens.number: 6, tokens.price: 1.5, tokens.code: 4, tokens.scramble: 6, tokens.date: 1.5,
            tokens.clock: 0.7, tokens.phone: 1.2, tokens.percent: 0.7,
        })  # fmt: skip

    def __call__(self, rng: Rng) -> str:
        while True:
            text = self._kinds(rng)(rng).strip()
            if 1 <= len(text) <= LONGEST:
                return text

    def _word(self, rng: Rng) -> str:
        return recase(rng, self.words(rng))

    def _foreign(self, rng: Rng) -> str:
        return recase(rng, self.foreign(rng))

    def _invented(self, rng: Rng) -> str:
        return recase(rng, invent(rng))

    def _punctuated(self, rng: Rng) -> str:
        word = self._word(rng)
        if happens(rng, 0.7):
            return word + (pick(rng, _MARKS) if happens(rng, 0.6) else pick(rng, tokens.SYMBOLS))
        pair = pick(rng, _PAIRS)
        return pair[0] + word + pair[1]

    def _joined(self, rng: Rng) -> str:
        join = pick(rng, _JOINS) if happens(rng, 0.6) else pick(rng, tokens.SYMBOLS)
        return self._word(rng) + join + self._word(rng)

    def _pair(self, rng: Rng) -> str:
        first, second = self.words(rng), self.words(rng)
        return pick(rng, (f"{first} {second}".upper(), f"{first} {second}".title(), f"{first} {second}"))

    def _web(self, rng: Rng) -> str:
        text = tokens.web(rng, self.words)
        return text.upper() if happens(rng, 0.15) else text
