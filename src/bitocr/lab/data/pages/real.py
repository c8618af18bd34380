"""Crops of real lines, to be pasted into rendered pages: their ink, paper and blur cannot be rendered as they are."""

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
"""Heights of the narrowest space between words."""
_FAINTEST = 30
"""Grays between ground and ink."""
_STRAY = 0.02
"""Share of a row's or a column's pixels that may be ink where none is."""
_TALLEST = 1.0
"""Heights over the width of the narrowest crop: what is higher may be turned."""
_LONE = 2
"""Characters of the texts that stand upright in crops of any width."""
_NARROWEST = 3
"""Columns of these."""
_SHORT = 6
"""Characters of what a cell of a table holds."""


class RealLines:
    """The crops of a label file, uint8 [h, w]; `short` are those of a few characters."""

    def __init__(self, path: str | Path) -> None:
        samples = [(image, text) for image, text in read_samples(str(path)) if is_upright(image, text)]
        self.crops = [image for image, _ in samples]
        self.short = [image for image, text in samples if len(text) <= _SHORT] or self.crops

    def draw(self, rng: Rng, height: float, is_short: bool = False) -> tuple[Gray, Line | None]:
        """A crop of about this height, and the line in it; None if ink and ground are hardly told apart."""
        crop = pick(rng, self.short if is_short else self.crops)
        scale = height / len(crop)
        size = max(2, round(crop.shape[1] * scale)), max(2, round(height))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        crop = np.asarray(cv2.resize(crop, size, interpolation=how), np.uint8)
        return crop, line_in(crop)


def is_upright(image: Gray, text: str) -> bool:
    """Whether a crop holds letters or digits that run from left to right: lone ones do however narrow it is."""
    if not any(c.isalnum() for c in text):
        return False
    if len(text) <= _LONE:
        return image.shape[1] >= _NARROWEST
    return image.shape[1] >= max(_FEWEST_COLUMNS, _TALLEST * len(image))


def open_real(paths: Mapping[Place, str]) -> dict[Place, RealLines]:
    """By where they are pasted. Raises UsageError if there is no such label file."""
    return {place: RealLines(path) for place, path in paths.items()}


def ground_of(crop: Gray) -> float:
    """The median of the crop's border."""
    return float(np.median(np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])))


def line_in(crop: Gray) -> Line | None:
    """The line that a crop shows, by its ink: what differs from the border."""
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
    """What covers the ground: all but a soft edge."""
    mask = np.zeros((height, width), np.uint8)
    mask[margin : height - margin, margin : width - margin] = 255
    return np.asarray(cv2.blur(mask, (2 * margin + 1, 2 * margin + 1)), np.uint8) if margin else mask
