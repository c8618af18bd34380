"""Boxes of lines from a detector's maps: exact maps give the boxes that they were made from."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bitocr.native.library import lib
from page_maps import ONE, SURE, Box, box, find, maps, turned

SIZE = (960, 640)
MIDDLE = (480.0, 320.0)

PARAGRAPH = [box(100, top, 800, top + 20) for top in range(100, 500, 28)]
PAGES: dict[str, list[Box]] = {
    "nothing": [],
    "one line": [box(100, 100, 500, 120)],
    "one letter": [box(100, 100, 112, 120)],
    "short lines": [box(100, 100, 150, 124), box(300, 100, 330, 124)],
    "a paragraph": PARAGRAPH,
    "large and small": [box(60, 60, 900, 180), box(60, 220, 300, 232), box(500, 220, 900, 232)],
    "two cells": [box(100, 100, 300, 120), box(330, 100, 500, 120)],
    "words": [box(100, 100, 500, 120, (0, 0.3), (0.34, 1))],
    "to the edges": [box(0, 0, 960, 24), box(0, 616, 960, 640)],
    **{f"turned by {angle}": [turned(b, angle, MIDDLE) for b in PARAGRAPH[3:-3]] for angle in (-40, -15, -3, 1, 8, 30)},
}


def assert_alike(found: Box, true: Box) -> None:
    assert (found.x, found.y) == pytest.approx((true.x, true.y), abs=3)
    assert found.height == pytest.approx(true.height, rel=0.01)
    assert found.length == pytest.approx(true.length, abs=max(6, 0.02 * true.length))
    assert (found.ux, found.uy) == pytest.approx((true.ux, true.uy), abs=0.02)


@pytest.mark.parametrize("name", PAGES)
def test_exact_maps_give_the_boxes_back(name: str) -> None:
    boxes = PAGES[name]
    found, _ = find(maps(*SIZE, boxes))
    assert len(found) == len(boxes)
    for true in boxes:
        assert_alike(min(found, key=lambda b: math.hypot(b.x - true.x, b.y - true.y)), true)


@pytest.mark.parametrize("angle", [-40, -12, 0, 12, 40])
def test_short_lines_lean_as_the_page_does(angle: float) -> None:
    short = box(600, 480, 640, 500)
    boxes = [turned(b, angle, MIDDLE) for b in [*PARAGRAPH[4:9], short]]
    found, lean = find(maps(*SIZE, boxes))
    direction = (math.cos(math.radians(angle)), math.sin(math.radians(angle)))
    assert lean == pytest.approx(direction, abs=0.01)
    assert all((b.ux, b.uy) == pytest.approx(direction, abs=0.02) for b in found)


@pytest.mark.parametrize(
    ("space", "is_gap", "count"),
    [(0.6, False, 1), (0.6, True, 1), (1.1, False, 1), (1.1, True, 2), (1.6, False, 2), (1.6, True, 2)],
)
def test_parts_are_joined_over_spaces_of_a_line_only(space: float, is_gap: bool, count: int) -> None:
    """Two parts with `space` heights between them, where the gap map may see a space between words."""
    height, start = 24, 300 + 24 * space
    values = maps(*SIZE, [box(100, 100, 300, 100 + height), box(start, 100, 600, 100 + height)])
    if not is_gap:
        values[..., 2] = round(-SURE * ONE)
    assert len(find(values)[0]) == count


def test_wide_gaps_part_a_kernel_that_goes_on() -> None:
    whole = box(100, 100, 700, 120, (0, 0.4), (0.5, 1))
    found, _ = find(maps(*SIZE, [whole]))
    assert sorted(round(b.x) for b in found) == pytest.approx([220, 550], abs=8)
    narrow = whole._replace(words=((0, 0.4), (0.42, 1)))
    assert len(find(maps(*SIZE, [narrow]))[0]) == 1


def test_lines_of_other_heights_are_not_joined() -> None:
    assert len(find(maps(*SIZE, [box(100, 100, 300, 120), box(308, 90, 600, 130)]))[0]) == 2


def specks(values: NDArray[np.int16]) -> NDArray[np.int16]:
    """One cell in twelve each way."""
    y, x = np.indices(values.shape[:2])
    off = np.expand_dims(y % 12 + x % 12 > 0, -1) & (np.arange(3) == 0)
    return np.where(off, -ONE, values)


NOISE: dict[str, Callable[[NDArray[np.int16]], NDArray[Any]]] = {
    "unsure": lambda values: np.where(values[..., :1] > 0, [10, 0, 0], values),
    "specks": specks,
    "too low": lambda values: np.where(np.arange(3) == 1, -2 * ONE, values),
}


@pytest.mark.parametrize("name", NOISE)
def test_noise_is_dropped(name: str) -> None:
    values = maps(*SIZE, [box(100, 100, 500, 120)])
    assert len(find(values)[0]) == 1
    assert find(NOISE[name](values).astype(np.int16))[0] == []


def test_any_values_end_in_time() -> None:
    for seed in range(4):
        rng = np.random.default_rng(seed)
        noise = rng.integers(-32767, 32768, (100, 130, 3), np.int16)
        noise[..., 1] >>= 4 * seed
        found, lean = find(noise, room=20000)
        assert all(np.isfinite(b[:6]).all() for b in found)
        assert math.hypot(*lean) == pytest.approx(1)


def test_arithmetic_is_exact_enough() -> None:
    for degrees in range(-179, 181, 7):
        x, y = 3 * math.cos(math.radians(degrees)), 3 * math.sin(math.radians(degrees))
        assert degrees_of(x, y) == pytest.approx(degrees, abs=1e-8)
    assert degrees_of(0, 0) == 0
    for power in range(-2000, 2001, 37):
        assert exp2(power) == pytest.approx(2 ** (power / ONE), rel=1e-12)
    assert exp2(10**6) == 2.0**32


def degrees_of(x: float, y: float) -> float:
    lib.bitocr_test_degrees.restype, lib.bitocr_test_degrees.argtypes = ctypes.c_double, [ctypes.c_double] * 2
    return float(lib.bitocr_test_degrees(x, y))


def exp2(x: int) -> float:
    lib.bitocr_test_exp2.restype = ctypes.c_double
    return float(lib.bitocr_test_exp2(x))


@pytest.mark.parametrize("angle", [-8, 0, 8])
@pytest.mark.parametrize("bridge", [20, 60])
def test_short_lines_whose_kernels_touch_are_parted(angle: float, bridge: int) -> None:
    upper, lower = (turned(box(430, top, 530, top + 24), angle, MIDDLE) for top in (280, 310))
    page = [upper, lower, *(turned(b, angle, MIDDLE) for b in PARAGRAPH[:5])]
    values = maps(*SIZE, page)
    between = maps(*SIZE, [Box((upper.x + lower.x) / 2, (upper.y + lower.y) / 2, bridge, 80, upper.ux, upper.uy)])
    values[..., 0] = np.maximum(values[..., 0], between[..., 0])
    found, _ = find(values)
    assert len(found) == len(page)
    for true in (upper, lower):
        nearest = min(found, key=lambda b: math.hypot(b.x - true.x, b.y - true.y))
        assert (nearest.x, nearest.y) == pytest.approx((true.x, true.y), abs=6)
        assert nearest.height == pytest.approx(true.height, rel=0.1)
