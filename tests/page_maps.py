"""Exact detector maps of known boxes, as the network is trained to give them (engine/src/page/components.h)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitocr.native.library import lib

CELL, ONE = 4, 256
SURE = 5.0  # logits


class Box(NamedTuple):
    """A line: its middle, unit vector, length and height in pixels; its words as (start, end) along it from 0 to 1."""

    x: float
    y: float
    length: float
    height: float
    ux: float = 1.0
    uy: float = 0.0
    words: tuple[tuple[float, float], ...] = ((0.0, 1.0),)


def box(left: float, top: float, right: float, bottom: float, *words: tuple[float, float]) -> Box:
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top, words=words or ((0.0, 1.0),))


def turned(one: Box, degrees: float, about: tuple[float, float]) -> Box:
    """Turns the box clockwise about a point."""
    angle = np.deg2rad(degrees)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    x, y = one.x - about[0], one.y - about[1]
    return one._replace(x=about[0] + x * cos - y * sin, y=about[1] + x * sin + y * cos, ux=cos, uy=sin)


def maps(width: int, height: int, boxes: Sequence[Box]) -> NDArray[np.int16]:
    """The maps of a page of this size in pixels: int16 [height / 4, width / 4, 3]."""
    y, x = np.mgrid[0 : height // CELL, 0 : width // CELL] * CELL + CELL / 2
    kernel, log_height, gap = np.full(x.shape, -SURE), np.zeros(x.shape), np.full(x.shape, SURE)
    for b in boxes:
        along, across = (x - b.x) * b.ux + (y - b.y) * b.uy, (y - b.y) * b.ux - (x - b.x) * b.uy
        half = max(b.length / 2 - b.height / 4, 0.15 * b.length)
        thick = max(b.height / 4, CELL / 2)
        log_height[(abs(along) <= b.length / 2) & (abs(across) <= b.height / 2)] = np.log2(b.height / 16)
        kernel[(abs(along) <= half) & (abs(across) <= thick)] = SURE
        for start, end in b.words:
            place = along / b.length + 0.5
            gap[(place >= start) & (place <= end) & (abs(across) <= b.height / 2)] = -SURE
    return np.rint(np.stack([kernel, log_height, gap], -1) * ONE).astype(np.int16)


def find(values: NDArray[np.int16], room: int = 1000) -> tuple[list[Box], tuple[float, float]]:
    """The boxes that the engine finds in maps, and the slope of the page."""
    values = np.ascontiguousarray(values)
    out, lean = np.zeros((room, 7)), np.zeros(2)
    count = lib.bitocr_test_boxes(*map(_pointer, (values,)), *values.shape[:2], _pointer(out), room, _pointer(lean))
    assert 0 <= count <= room
    found = [Box(x, y, length, height, ux, uy) for x, y, ux, uy, length, height, _ in out[:count].tolist()]
    return found, (float(lean[0]), float(lean[1]))


def order(rects: Sequence[Sequence[float]]) -> tuple[list[int], list[tuple[int, int, int]]]:
    """The reading order of boxes (left, top, right, bottom): indices, and the block, paragraph and row of each."""
    flat = np.ascontiguousarray(rects, np.float64).reshape(-1, 4)
    numbers, places = np.zeros(len(flat), np.int32), np.zeros((len(flat), 3), np.int32)
    assert lib.bitocr_test_order(*map(_pointer, (flat,)), len(flat), _pointer(numbers), _pointer(places)) == 0
    return numbers.tolist(), [(int(a), int(b), int(c)) for a, b, c in places]


def _pointer(array: NDArray[Any]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)
