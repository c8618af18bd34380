"""Texts with signs beyond ASCII, for charsets that have them (`bitocr.lab.data.charset.SIGNS`)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bitocr.lab.data.charset import SIGNS
from bitocr.lab.data.synth import tokens
from bitocr.lab.data.synth.chance import happens, pick, whole
from bitocr.lab.data.synth.document_text import DocumentText

Rng = np.random.Generator

_PATTERNS = tokens.patterns("signs")


class SignText:
    """`SignText(documents)(rng)` is a short text around one or two signs."""

    def __init__(self, documents: DocumentText) -> None:
        self._slots: dict[str, Callable[[Rng], str]] = {
            "amount": tokens.amount,
            "number": tokens.number,
            "unit": lambda rng: pick(rng, tokens.UNITS),
            "year": lambda rng: str(whole(rng, 1850, 2029)),
            "word": documents.words,
            "Name": lambda rng: documents.words(rng).capitalize(),
            "NAME": lambda rng: documents.words(rng).upper(),
            "sentence": lambda rng: documents.sentence(rng, 5),
        }

    def __call__(self, rng: Rng) -> str:
        if happens(rng, 0.12):  # any sign between any characters
            text = tokens.scramble(rng)
            cut = whole(rng, 0, len(text))
            return text[:cut] + pick(rng, SIGNS) + text[cut:]
        return tokens.fill(rng, pick(rng, _PATTERNS), self._slots)
