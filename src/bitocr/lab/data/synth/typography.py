"""How printers set what keyboards write: curly quotes, dashes, an ellipsis. The label keeps the keyboard's signs."""

from __future__ import annotations

import re

import numpy as np

from bitocr.lab.data.synth.chance import happens

Rng = np.random.Generator

#: What stands in pictures for signs of the charset, and is not in the charset itself.
PRINTED = "“”‘’–—…"

# Pattern, what is drawn for it, and how often.
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
    """`text` as a printer would set it, in this share of cases."""
    if not happens(rng, share):
        return text
    for pattern, printed, probability in _RULES:
        if pattern.search(text) and happens(rng, probability):
            text = pattern.sub(printed, text)
    return text
