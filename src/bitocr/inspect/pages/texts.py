"""Texts of pages made comparable, and how far they are apart."""

from __future__ import annotations

import unicodedata

import numpy as np
from numpy.typing import NDArray

ALIKE = str.maketrans(dict(zip("‘’“”—–‐、。·•【】「」《》", '\'\'""---,...[]""<>', strict=True)))
"""Signs that printers and labellers choose between."""


def is_hanzi(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


def folded(text: str | None) -> str:
    """NFKC, with plain quotes, dashes and brackets."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text or "").translate(ALIKE))


def flat(text: str | None) -> str:
    """Folded, in small letters, without spaces."""
    return "".join(folded(text).lower().split())


def tokens(text: str | None, alnum: bool = False) -> list[str]:
    """Words in small letters, each hanzi one.

    Args:
        alnum: runs of letters and digits alone, without the apostrophes in them.
    """
    found, word = [], ""
    for character in folded(text).lower() + " ":
        if alnum and character == "'":
            continue
        if character.isspace() or is_hanzi(character) or (alnum and not character.isalnum()):
            found += [word] if word else []
            word = ""
            found += [character] if is_hanzi(character) else []
        else:
            word += character
    return found


def codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le"), np.uint32)


def edits(a: str, b: str) -> int:
    """The Levenshtein distance, row by row: insertions are a running minimum from the left."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    other = codes(shorter)
    ramp = np.arange(len(other) + 1)
    row = ramp.copy()
    for i, code in enumerate(codes(longer)):
        best = np.empty_like(row)
        best[0] = i + 1
        best[1:] = np.minimum(row[:-1] + (other != code), row[1:] + 1)
        row = np.minimum.accumulate(best - ramp) + ramp
    return int(row[-1])


def common(a: str, b: str) -> int:
    """The length of the longest common subsequence."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    other = codes(shorter)
    row = np.zeros(len(other) + 1, np.int64)
    for code in codes(longer):
        best = row.copy()
        best[1:] = np.maximum(row[1:], row[:-1] + (other == code))
        row = np.maximum.accumulate(best)
    return int(row[-1])
