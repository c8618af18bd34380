"""Ink on paper as scanners see it: office prints, thermal receipts, faxes, binarized books."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import Weighted, between, happens, whole
from bitocr.lab.data.synth.scene import blend, to_gray
from bitocr.lab.data.synth.textures import textures

Rng = np.random.Generator
Mask = NDArray[np.uint8]
Scanner = Callable[[Rng, Mask], Mask]


def clean(rng: Rng, ink: Mask) -> Mask:
    """A digital original, or a very good scan."""
    paper = np.full(ink.shape, between(rng, 225, 255.9), np.float32)
    return to_gray(blend(paper, np.float32(between(rng, 0, 90)), ink))


def gray(rng: Rng, ink: Mask) -> Mask:
    """An office scan: off-white paper, soft edges, a little noise, sometimes show-through from the other side."""
    shape = ink.shape
    paper = np.float32(_paper(rng)) + textures().cloud(rng, shape) * np.float32(between(rng, 0, 7))
    if happens(rng, 0.1):
        paper -= np.maximum(textures().shapes(rng, shape), 0) * np.float32(between(rng, 4, 16))
    tone = between(rng, 0, 110)
    ink = soften(rng, ink, 0.9)
    picture = blend(paper, np.float32(tone), ink)
    return to_gray(picture + textures().white(rng, shape) * np.float32(between(rng, 0, 9)))


def thermal(rng: Rng, ink: Mask) -> Mask:
    """A thermal print: burnt dots, fading rows, gray on gray."""
    shape = ink.shape
    burn = ink.astype(np.float32) * np.float32(between(rng, 0.7, 1.0))
    if happens(rng, 0.55):
        wear = textures().cloud(rng, shape) if happens(rng, 0.6) else textures().grain(rng, shape)
        burn *= np.clip(np.float32(between(rng, 0.75, 1.1)) + wear * np.float32(between(rng, 0.05, 0.3)), 0.12, 1)
    if happens(rng, 0.25):
        burn *= _dots(rng, shape)
    if happens(rng, 0.5):
        burn *= np.clip(1 + textures().white(rng, shape) * np.float32(between(rng, 0.05, 0.35)), 0.1, 1)
    print_ = soften(rng, np.clip(burn, 0, 255).astype(np.uint8), 1.1)
    paper = np.float32(_paper(rng)) + textures().cloud(rng, shape) * np.float32(between(rng, 0, 5))
    tone = between(rng, 0, 90) if happens(rng, 0.75) else between(rng, 90, 160)
    picture = blend(paper, np.float32(tone), print_)
    return to_gray(picture + textures().white(rng, shape) * np.float32(between(rng, 0, 6)))


def binarised(rng: Rng, ink: Mask) -> Mask:
    """A binarized scan: the threshold removes thin strokes or fills small holes, and edges are ragged."""
    shape = ink.shape
    print_ = soften(rng, ink, 1.0).astype(np.float32)
    level = float(print_.mean(where=print_ > 50, dtype=np.float32)) if ink.max() > 50 else 128.0
    print_ += textures().white(rng, shape) * np.float32(between(rng, 0, 0.2) * np.float32(level))
    if happens(rng, 0.5):
        print_ += textures().cloud(rng, shape) * np.float32(between(rng, 0.03, 0.25) * np.float32(level))
    threshold = level * float(np.clip(rng.normal(0.62, 0.15), 0.3, 0.95))
    page = np.where(print_ > threshold, 0, 255).astype(np.uint8)
    if happens(rng, 0.3):
        _specks(rng, page)
    kind = rng.random()
    if kind < 0.15:
        page = np.asarray(cv2.medianBlur(page, 3), np.uint8)
    elif kind < 0.4:  # scanned again in gray, or scaled
        page = np.asarray(cv2.GaussianBlur(page, (3, 3), between(rng, 0.4, 0.9)), np.uint8)
    return page


def _paper(rng: Rng) -> float:
    """The gray of paper: mostly nearly white, since scanners clip; sometimes gray."""
    return between(rng, 232, 262) if happens(rng, 0.65) else between(rng, 165, 240)


def soften(rng: Rng, ink: Mask, most: float) -> Mask:
    sigma = between(rng, 0, most) * max(0.5, min(1.5, ink.shape[0] / 36))
    return ink if sigma < 0.3 else np.asarray(cv2.GaussianBlur(ink, (0, 0), sigma), np.uint8)


def _dots(rng: Rng, shape: tuple[int, int]) -> NDArray[np.float32]:
    """The lattice of a print head: every few pixels a fainter row, column or both."""
    height, width = shape
    period = between(rng, 2, max(2.5, height / 9))
    depth = np.float32(between(rng, 0.3, 0.9))
    rows = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi / period * np.arange(height, dtype=np.float32)))
    columns = 1 - depth * (0.5 + 0.5 * np.cos(2 * np.pi / period * np.arange(width, dtype=np.float32)))
    kind = rng.random()
    if kind < 0.35:
        return np.broadcast_to(rows[:, None], shape)
    return np.broadcast_to(columns, shape) if kind < 0.5 else rows[:, None] * columns


def _specks(rng: Rng, page: Mask) -> None:
    """Draws black and white specks into the page."""
    height, width = page.shape
    for _ in range(whole(rng, 1, 4 + width // 12)):
        x, y, size = whole(rng, 0, width - 1), whole(rng, 0, height - 1), whole(rng, 1, 2)
        page[y : y + size, x : x + size] = 0 if happens(rng, 0.7) else 255


def add_rules(rng: Rng, ink: Mask) -> Mask:
    """Adds rules of a form: a line below or above the text, or the sides of its box."""
    ink = ink.copy()
    height, width = ink.shape
    thick = whole(rng, 1, max(1, height // 16))
    kind = rng.random()
    if kind < 0.6:
        y = height - thick - whole(rng, 0, max(1, height // 12))
        ink[y : y + thick] = 255
    elif kind < 0.75:
        ink[:thick] = 255
    if kind > 0.6:
        ink[:, :thick] = 255
    if kind > 0.8:
        ink[:, width - thick :] = 255
    return ink


SCANNERS: dict[str, Weighted[Scanner]] = {
    "receipt": Weighted({clean: 14, gray: 22, thermal: 38, binarised: 26}),
    "form": Weighted({clean: 12, gray: 48, thermal: 5, binarised: 35}),
    "book": Weighted({clean: 6, gray: 24, binarised: 70}),
}
