"""Crops of real lines, pasted into rendered pages for ink, paper and blur that cannot be rendered as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.datasets import read_samples
from bitocr.lab.data.pages.lines import Line, upright
from bitocr.lab.data.synth.chance import pick

Rng = np.random.Generator
Gray = NDArray[np.uint8]
Place = Literal["receipt", "scene"]

_FEWEST_COLUMNS = 8
_SPACE = 0.25
"""The narrowest space between words, in heights of the line."""
_FAINTEST = 30
"""The least difference between ground and ink, in grays."""
_STRAY = 0.02
"""A row or column with at most this share of ink pixels counts as empty."""
_TALLEST = 1.0
"""The largest height of a crop over its width: a higher one may be turned."""
_LONE = 2
"""Texts of at most this many characters are upright in crops of any width."""
_NARROWEST = 3
"""The least width of such a crop, in pixels."""
_SHORT = 6
"""The most characters in the cell of a table."""


class RealLines:
    """The crops of a label file, uint8 [h, w]. `short` has those of a few characters."""

    def __init__(self, path: str | Path) -> None:
        samples = [(image, text) for image, text in read_samples(str(path)) if is_upright(image, text)]
        self.crops = [image for image, _ in samples]
        self.short = [image for image, text in samples if len(text) <= _SHORT] or self.crops

    def draw(self, rng: Rng, height: float, is_short: bool = False) -> tuple[Gray, Line | None]:
        """A crop scaled to `height`, and the line in it; None if ink and ground hardly differ."""
        crop = pick(rng, self.short if is_short else self.crops)
        scale = height / len(crop)
        size = max(2, round(crop.shape[1] * scale)), max(2, round(height))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        crop = np.asarray(cv2.resize(crop, size, interpolation=how), np.uint8)
        return crop, line_in(crop)


def is_upright(image: Gray, text: str) -> bool:
    """Whether a crop shows letters or digits from left to right. One or two characters may be in a narrow crop."""
    if not any(c.isalnum() for c in text):
        return False
    if len(text) <= _LONE:
        return image.shape[1] >= _NARROWEST
    return image.shape[1] >= max(_FEWEST_COLUMNS, _TALLEST * len(image))


def open_real(paths: Mapping[Place, str]) -> dict[Place, RealLines]:
    """Opens label files by the place where their crops are pasted. Raises UsageError if a file does not exist."""
    return {place: RealLines(path) for place, path in paths.items()}


def ground_of(crop: Gray) -> float:
    """The median of the crop's border."""
    return float(np.median(np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])))


def line_in(crop: Gray) -> Line | None:
    """Finds the line in a crop by its ink, the pixels that differ from the border."""
    apart = np.abs(crop.astype(np.float32) - ground_of(crop)).clip(0, 255).astype(np.uint8)
    if apart.max() < _FAINTEST:
        return None
    _, ink = cv2.threshold(apart, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    rows, columns = (np.flatnonzero(np.asarray(ink).mean(axis) > _STRAY) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    gaps = np.flatnonzero(np.diff(columns) > _SPACE * (bottom - top))
    starts, ends = np.r_[left, columns[gaps + 1]], np.r_[columns[gaps] + 1, right]
    words = np.stack([starts - left, ends - left], -1) / (right - left)
    return upright(left, top, right, bottom, words.astype(np.float32))


def feathered(height: int, width: int, margin: int) -> Gray:
    """A mask that covers the ground except for a soft edge."""
    mask = np.zeros((height, width), np.uint8)
    mask[margin : height - margin, margin : width - margin] = 255
    return np.asarray(cv2.blur(mask, (2 * margin + 1, 2 * margin + 1)), np.uint8) if margin else mask
