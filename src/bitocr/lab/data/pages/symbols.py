"""Pictograms beside the text of signs, such as arrows and stars: as large and dark as letters, but no text."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from bitocr.lab.data.pages.pens import logarithmic, tight
from bitocr.lab.data.pages.sheet import Box, Mask, Sheet
from bitocr.lab.data.pages.writing import Writing
from bitocr.lab.data.synth.chance import between, happens, pick
from bitocr.lab.data.synth.faces import find_faces
from bitocr.lab.data.synth.pen import Font, draw

Rng = np.random.Generator

_BLOCKS = (0x2190, 0x2200), (0x2600, 0x2700), (0x2701, 0x2776), (0x2794, 0x27BF)
CHARACTERS = tuple(chr(code) for first, end in _BLOCKS for code in range(first, end))
"""The arrows, the miscellaneous symbols, and the dingbats without digits."""
_TELEPHONE, _PENCIL, _NOTHING = "☎", "✏", "\uffff"
_WIDEST = 3.0
"""The greatest width over the height: a flat symbol of a letter's height would be very long."""
_TRIES = 20
_SIZE = 96
"""Pixels of an em. Symbols are drawn once, then resized."""


def _mask(font: Font, character: str) -> Mask:
    return tight(*draw(font, character))[0]


@lru_cache(maxsize=1)
def fonts() -> tuple[Font, ...]:
    """The faces of this machine that have symbols, one of a family."""
    found: dict[str, Font] = {}
    for face in find_faces():
        font = face.open(_SIZE)
        absent = _mask(font, _NOTHING)
        if not any(np.array_equal(_mask(font, c), absent) for c in (_TELEPHONE, _PENCIL)):
            found.setdefault(face.family, font)
    return tuple(found.values())


def symbol(rng: Rng, height: float) -> Mask | None:
    """The ink of a random symbol of this height; None if no face has it."""
    if not fonts():
        return None
    font = pick(rng, fonts())
    absent = _mask(font, _NOTHING)
    for _ in range(_TRIES):
        ink = _mask(font, pick(rng, CHARACTERS))
        if ink.size and ink.shape[1] <= _WIDEST * len(ink) and not np.array_equal(ink, absent):
            break
    else:
        return None
    scale = height / len(ink)
    size = max(2, round(ink.shape[1] * scale)), max(2, round(height))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size, interpolation=how), np.uint8)


def flank(rng: Rng, layer: Sheet, writing: Writing, x: float, y: float, tone: float) -> None:
    """Draws a symbol to the left of a writing at (x, y) or to its right, or both. What leaves the layer is lost."""
    flank_box(rng, layer, (round(x), round(y), round(x) + writing.width, round(y) + writing.height), tone)


def flank_box(rng: Rng, layer: Sheet, box: Box, tone: float) -> None:
    """The same beside a box."""
    left, top, right, bottom = box
    height = bottom - top
    sides = (-1, 1) if happens(rng, 0.2) else (pick(rng, (-1, 1)),)
    for side in sides:
        ink = symbol(rng, height * logarithmic(rng, 0.7, 1.9))
        if ink is None:
            continue
        gap = round(height * between(rng, 0.15, 1.0))
        x = right + gap if side > 0 else left - gap - ink.shape[1]
        layer.ink(ink, x, (top + bottom - len(ink)) // 2, tone)
