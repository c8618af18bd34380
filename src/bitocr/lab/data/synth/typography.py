"""Typesets keyboard text with curly quotes, dashes and ellipses. The label keeps the keyboard's characters."""

from __future__ import annotations

import re

import numpy as np

from bitocr.lab.data.synth.chance import happens

Rng = np.random.Generator

#: Printed signs that pictures show in place of characters of the charset.
PRINTED = "“”‘’–—…"

# A pattern, its replacement, and the probability.
_RULES = (
    (re.compile(r'(^|(?<=[\s(\[]))"'), "“", 1.0),
    (re.compile(r'"'), "”", 1.0),
    (re.compile(r"(^|(?<=[\s(\[]))'"), "‘", 1.0),
    (re.compile(r"'"), "’", 1.0),
    (re.compile(r"--"), "—", 0.7),
    (re.compile(r"(?<=[\d\s])-(?=[\d\s])"), "–", 0.4),
    (re.compile(r"(?<!\.)\.\.\.(?!\.)"), "…", 0.6),
)


def typeset(rng: Rng, text: str, share: float = 0.65) -> str:
    """Typesets `text` with probability `share`."""
    if not happens(rng, share):
        return text
    for pattern, printed, probability in _RULES:
        if pattern.search(text) and happens(rng, probability):
            text = pattern.sub(printed, text)
    return text
