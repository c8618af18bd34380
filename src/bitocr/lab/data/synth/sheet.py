"""A contact sheet of many pictures, to inspect what is rendered."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]

WIDTH = 1200
TALLEST = 44
_GAP = 4
_PAPER = 128


def contact_sheet(pictures: Iterable[Gray], width: int = WIDTH) -> Gray:
    """Gray pictures [h, w] in rows from left to right, as uint8 [height, width]. Large ones are scaled down."""
    rows: list[list[Gray]] = [[]]
    used = 0
    for picture in pictures:
        picture = _fitted(picture, width - 2 * _GAP)
        if rows[-1] and used + picture.shape[1] + _GAP > width:
            rows.append([])
            used = 0
        rows[-1].append(picture)
        used += picture.shape[1] + _GAP
    return np.concatenate([_row(row, width) for row in rows])


def _fitted(picture: Gray, widest: int) -> Gray:
    height, width = picture.shape
    scale = min(1.0, TALLEST / height, widest / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return picture if scale == 1 else np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _row(pictures: list[Gray], width: int) -> Gray:
    height = max((picture.shape[0] for picture in pictures), default=0)
    row = np.full((height + _GAP, width), _PAPER, np.uint8)
    x = 0
    for picture in pictures:
        row[: picture.shape[0], x : x + picture.shape[1]] = picture
        x += picture.shape[1] + _GAP
    return row
