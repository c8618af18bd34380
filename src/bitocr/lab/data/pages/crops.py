"""Crops for training: windows of pages at any scale, with quarter turns, inversion and changes of brightness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages.shards import StoredPage
from bitocr.lab.data.pages.targets import Maps, targets
from bitocr.lab.data.synth.chance import between, happens, whole

Rng = np.random.Generator


@dataclass(frozen=True)
class Cropping:
    """How to cut windows out of pages.

    Attributes:
        size: the side of a window in pixels, a multiple of 32.
        scales: the smallest and the largest magnification.
    """

    size: int = 384
    scales: tuple[float, float] = (0.45, 1.6)
    inverted: float = 0.12
    turned: float = 0.06


def crop(rng: Rng, page: StoredPage, how: Cropping) -> tuple[NDArray[np.int8], Maps]:
    """A window, int8 [size, size] as the network takes it, and its targets."""
    pixels = page.pixels
    low, high = how.scales
    scale = float(low * (high / low) ** rng.random())
    side = min(round(how.size / scale), *pixels.shape)
    scale = how.size / side
    y, x = place(rng, page, side, pixels.shape)
    window = pixels[y : y + side, x : x + side]
    kind = cv2.INTER_AREA if scale < 1 else (cv2.INTER_LINEAR, cv2.INTER_CUBIC)[whole(rng, 0, 1)]
    window = np.asarray(cv2.resize(window, (how.size, how.size), interpolation=kind), np.uint8)
    turn = whole(rng, 1, 3) if happens(rng, how.turned) else 0

    edges = (page.edges - np.array([x, y], np.float32)) * np.float32(scale)
    for _ in range(turn):  # as np.rot90: counterclockwise
        edges = np.stack([edges[..., 1], how.size - edges[..., 0]], -1)
    maps = targets(edges, page.words, page.legible, how.size)
    return toned(rng, np.rot90(window, turn), how), maps


def place(rng: Rng, page: StoredPage, side: int, shape: tuple[int, ...]) -> tuple[int, int]:
    """The corner (y, x) of a window, which mostly has text in it."""
    most = shape[0] - side, shape[1] - side
    if len(page.edges) and happens(rng, 0.8):
        edges = page.edges[whole(rng, 0, len(page.edges) - 1)]
        middle = edges[whole(rng, 0, len(edges) - 1)].mean(0)
        y, x = (round(float(middle[i]) - side * between(rng, 0.1, 0.9)) for i in (1, 0))
        return min(max(0, y), most[0]), min(max(0, x), most[1])
    return whole(rng, 0, most[0]), whole(rng, 0, most[1])


def toned(rng: Rng, window: NDArray[np.uint8], how: Cropping) -> NDArray[np.int8]:
    gray = window.astype(np.float32) - 128
    if happens(rng, how.inverted):
        gray = -gray
    if happens(rng, 0.6):
        gray = gray * np.float32(between(rng, 0.5, 1.25)) + np.float32(between(rng, -30, 30))
    return np.clip(np.round(gray), -128, 127).astype(np.int8)
