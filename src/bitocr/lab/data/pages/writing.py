"""Draws text as ink and keeps the places of its words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages.pens import Pen

Mask = NDArray[np.uint8]
WIDEST_SPACE = 1.2
"""The widest space within a line, in heights: a wider one makes two lines."""


@dataclass(frozen=True)
class Writing:
    """Ink uint8 [h, w] without empty margins, and the first and last column of each word's ink, [W, 2]."""

    ink: Mask
    words: NDArray[np.float32]
    legible: bool
    baseline: int
    """The row of the baseline."""
    texts: tuple[str, ...] = ()
    """The texts of the words; empty if unknown."""

    @property
    def height(self) -> int:
        return len(self.ink)

    @property
    def width(self) -> int:
        return self.ink.shape[1]


def write(pen: Pen, text: str, tracking: float = 0.0, spacing: float = 1.0, limit: float = np.inf) -> Writing | None:
    """Writes as many words as fit; None if there is no ink.

    Args:
        tracking: pixels added after each letter.
        spacing: the factor by which spaces are stretched.
        limit: the greatest width in pixels. A single word that is wider is cut off.
    """
    placed, spans, kept = place(pen, text, tracking, spacing, limit)
    if not placed:
        return None
    left, top = min(x for x, _, _ in placed), min(y for _, y, _ in placed)
    right = max(x + ink.shape[1] for x, _, ink in placed)
    bottom = max(y + len(ink) for _, y, ink in placed)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for x, y, ink in placed:
        part = mask[y - top : y - top + len(ink), x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    words = np.array(spans, np.float32) - left
    return Writing(mask, words, any(c.isalnum() for word in kept for c in word), -top, tuple(kept))


def place(
    pen: Pen, text: str, tracking: float, spacing: float, limit: float
) -> tuple[list[tuple[int, int, Mask]], list[tuple[int, int]], list[str]]:
    """The glyphs with their top left corners, the columns of the words, and the words."""
    x, start = 0.0, 0.0
    placed: list[tuple[int, int, Mask]] = []
    spans: list[tuple[int, int]] = []
    kept: list[str] = []
    for word in text.split():
        glyphs, end = place_word(pen, word, x, tracking)
        if glyphs and max(gx + ink.shape[1] for gx, _, ink in glyphs) - start > limit:
            if placed:
                break
            glyphs = [g for g in glyphs if g[0] + g[2].shape[1] - start <= limit]
            word = word[: len(glyphs)]  # every character except a space has ink
        if glyphs:
            placed += glyphs
            spans.append((min(g[0] for g in glyphs), max(g[0] + g[2].shape[1] for g in glyphs)))
            kept.append(word)
        x = end + pen.glyph(" ")[3] * spacing + tracking
    return placed, spans, kept


def place_word(pen: Pen, word: str, x: float, tracking: float) -> tuple[list[tuple[int, int, Mask]], float]:
    """The glyphs of a word that begins at x, and the position of the pen after it."""
    placed = []
    for character in word:
        ink, dx, dy, advance = pen.glyph(character)
        if ink.size:
            placed.append((round(x) + dx, dy, ink))
        x += advance + tracking
    return placed, x - tracking


def cells_of(writing: Writing) -> list[tuple[int, int, NDArray[np.float32], str]]:
    """The pieces between wide spaces: first column, last column, the words' columns, and the text."""
    words = writing.words
    if not len(words):
        return []
    gaps = words[1:, 0] - words[:-1, 1]
    cuts = [0, *(np.flatnonzero(gaps > WIDEST_SPACE * writing.height) + 1).tolist(), len(words)]
    parts = [slice(start, end) for start, end in pairwise(cuts)]
    return [(int(words[p][0, 0]), int(words[p][-1, 1]), words[p], " ".join(writing.texts[p])) for p in parts]
