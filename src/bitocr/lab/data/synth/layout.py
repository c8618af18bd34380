"""Sets strings in a face as ink, with spacing, weight, jitter, and parts of neighbouring text.

Ink is uint8 [h, w], 255 where the pen was. It is drawn at its final size, so nothing needs scaling down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import between, happens, pick, whole
from bitocr.lab.data.synth.pen import Font, draw

Rng = np.random.Generator
Mask = NDArray[np.uint8]

_CROSS = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.uint8)


@dataclass
class Setting:
    """How to set a string. Lengths are in units of the font size.

    tracking: space added between letters; jitter: the largest shift of a letter up or down; stroke: thickness added to
    strokes; stretch: horizontal scale; gap: spaces drawn for each space; mode: "1" draws without antialiasing;
    initial: how much larger the first letter is.
    """

    tracking: float = 0.0
    jitter: float = 0.0
    stroke: float = 0.0
    stretch: float = 1.0
    gap: int = 1
    mode: str = "L"
    initial: float = 1.0


@dataclass
class Ink:
    """Drawn text. `box` is (left, top, right, bottom) of the text in `mask`; ink outside is neighbouring text."""

    mask: Mask
    box: tuple[int, int, int, int]


def set_text(rng: Rng, font: Font, text: str, setting: Setting) -> Mask:
    """The ink of `text`, cut to its box; size 0 if the face draws nothing."""
    drawn = _widen_gap(rng, text, setting.gap)
    if setting.tracking or setting.jitter or setting.initial != 1:
        mask = _letter_by_letter(rng, font, drawn, setting)
    else:
        mask, _ = draw(font, drawn, setting.mode)
    if mask.size and setting.stroke:
        mask = embolden(mask, setting.stroke * font.size)
    if mask.size and setting.stretch != 1:
        width = max(1, round(mask.shape[1] * setting.stretch))
        mask = _gray(cv2.resize(mask, (width, mask.shape[0]), interpolation=cv2.INTER_AREA))
    return mask


def _widen_gap(rng: Rng, text: str, gap: int) -> str:
    """Draws one of the spaces wider, as between the columns of a receipt. The label keeps a single space."""
    if gap == 1 or " " not in text:
        return text
    words = text.split(" ")
    cut = whole(rng, 1, len(words) - 1)
    return " ".join(words[:cut]) + " " * gap + " ".join(words[cut:])


def _letter_by_letter(rng: Rng, font: Font, text: str, setting: Setting) -> Mask:
    pieces, pen = [], 0.0
    plain, font = font, font.font_variant(size=font.size * setting.initial) if setting.initial != 1 else font
    for character in text:
        ink, (left, top) = draw(font, character, setting.mode)
        if ink.size:
            shift = between(rng, -setting.jitter, setting.jitter) * font.size if setting.jitter else 0
            pieces.append((ink, round(pen + left), round(top + shift)))
        pen += font.getlength(character) + setting.tracking * font.size
        font = plain
    return assemble(pieces)


def embolden(mask: Mask, stroke: float) -> Mask:
    """Grows the ink by `stroke` pixels on all sides. A fraction of a pixel adds that fraction of ink."""
    room = int(np.ceil(stroke))
    grown = cv2.copyMakeBorder(mask, room, room, room, room, cv2.BORDER_CONSTANT, value=0)
    for part in [*[1.0] * int(stroke), stroke % 1]:
        grown = cv2.addWeighted(cv2.dilate(grown, _CROSS), part, grown, 1 - part, 0)
    return _gray(grown)


def assemble(pieces: list[tuple[Mask, int, int]]) -> Mask:
    """Lays pieces of ink at (x, y) into the smallest mask that holds them."""
    if not pieces:
        return np.zeros((0, 0), np.uint8)
    left, top = min(x for _, x, _ in pieces), min(y for _, _, y in pieces)
    right, bottom = max(x + m.shape[1] for m, x, _ in pieces), max(y + m.shape[0] for m, _, y in pieces)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for ink, x, y in pieces:
        part = mask[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    return mask


def with_neighbours(rng: Rng, font: Font, mask: Mask, words: list[str], setting: Setting) -> Ink:
    """Adds other words above, below, before or after the text, close enough to reach into a loose crop."""
    height, width = mask.shape
    if not words:
        return Ink(mask, (0, 0, width, height))
    pieces = [(mask, 0, 0)]
    for word in words:
        other = set_text(rng, font, word, Setting(stroke=setting.stroke, stretch=setting.stretch, mode=setting.mode))
        if not other.size:
            continue
        gap = round(between(rng, 0.08, 0.35) * height)
        x = round(between(rng, -0.5, 0.5) * (width + other.shape[1]) + (width - other.shape[1]) / 2)
        y = height - other.shape[0] + round(between(rng, -0.05, 0.05) * height)
        above, below = (x, -gap - other.shape[0]), (x, height + gap)
        before, behind = (-2 * gap - other.shape[1], y), (width + 2 * gap, y)
        pieces.append((other, *pick(rng, (above, below, before, behind))))
    left, top = min(x for _, x, _ in pieces), min(y for _, _, y in pieces)
    return _trim(Ink(assemble(pieces), (-left, -top, width - left, height - top)))


def _trim(ink: Ink) -> Ink:
    """Cuts neighbours off two heights beyond the text: a crop would remove them anyway."""
    left, top, right, bottom = ink.box
    reach = 2 * (bottom - top)
    x0, y0 = max(0, left - reach), max(0, top - reach)
    return Ink(ink.mask[y0 : bottom + reach, x0 : right + reach], (left - x0, top - y0, right - x0, bottom - y0))


def bend(rng: Rng, mask: Mask) -> Mask:
    """Bends the text along an arc that opens up or down; its ends move by up to half its height."""
    height, width = mask.shape
    depth = between(rng, 0.1, 0.55) * min(height, width / 3) * (1 if happens(rng, 0.5) else -1)
    x = np.linspace(-1, 1, width, dtype=np.float32)
    offset = depth * (x * x) - min(0.0, depth)  # >= 0: how far each column moves down
    room = int(np.ceil(abs(depth)))
    rows = np.arange(height + room, dtype=np.float32)[:, None] - offset[None, :]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32), rows.shape)
    return _gray(cv2.remap(mask, np.ascontiguousarray(columns), rows, cv2.INTER_LINEAR))


def arc(rng: Rng, mask: Mask) -> Mask:
    """Sets the text along the top or bottom of a circle, over 20 to 130 degrees, with its letters turned."""
    height, width = mask.shape
    half = between(rng, 10, 65) * np.pi / 180
    inner = max(width / (2 * half), 0.3 * height)
    half = width / (2 * inner)
    outer = inner + height
    x = np.arange(-np.ceil(outer * np.sin(min(half, np.pi / 2))), outer * np.sin(min(half, np.pi / 2)) + 1)
    y = np.arange(np.floor(inner * np.cos(half)), outer + 1)[::-1, None]  # upwards from the centre
    radius, angle = np.hypot(x, y), np.arctan2(x, y)
    columns, rows = (angle * inner + width / 2).astype(np.float32), (outer - radius).astype(np.float32)
    if happens(rng, 0.5):  # the bottom of the circle, read from inside: the same upside down
        columns, rows = columns[::-1], (height - 1 - rows)[::-1]
    return _gray(cv2.remap(mask, np.ascontiguousarray(columns), np.ascontiguousarray(rows), cv2.INTER_LINEAR))


def _gray(image: NDArray) -> Mask:
    return np.asarray(image, np.uint8)
