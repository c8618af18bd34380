"""Curved lines: finding them in the detector's maps, reading them, and the places of their letters."""

from __future__ import annotations

import ctypes
import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.lab.data.synth.faces import FALLBACK
from bitocr.native.library import lib
from bitocr.page import Page
from page_maps import CELL, ONE, SURE, box, maps

Points = NDArray[np.float64]
WIDTH, HEIGHT, TALL = 960, 640, 32
MIDDLE = WIDTH / 2


def wave(bend: float) -> Points:
    """Points [N, 2] of an S, in heights: as far above the chord of its ends as below."""
    x = np.linspace(200, 760, 120)
    return np.stack([x, 320 + bend * TALL * np.sin((x - 200) / 560 * 2 * np.pi)], 1)


def arc(bend: float, degrees: float) -> Points:
    """Points of an arc that opens downwards if `bend` is 1 and upwards if it is -1."""
    angle = np.deg2rad(np.linspace(-degrees / 2, degrees / 2, 120))
    radius = 500 / np.deg2rad(degrees)
    return np.stack([MIDDLE + radius * np.sin(angle), 320 + bend * radius * (1 - np.cos(angle))], 1)


def along(points: Points) -> NDArray[np.int16]:
    """The exact maps of a line whose middle runs through these points."""
    values = maps(WIDTH, HEIGHT, [])
    y, x = np.mgrid[0 : HEIGHT // CELL, 0 : WIDTH // CELL] * CELL + CELL / 2
    away = np.hypot(x[..., None] - points[:, 0], y[..., None] - points[:, 1]).min(-1)
    inner = np.hypot(x[..., None] - points[2:-2, 0], y[..., None] - points[2:-2, 1]).min(-1)
    values[..., 0][inner <= TALL / 4] = round(SURE * ONE)
    values[..., 1][away <= TALL / 2] = round(math.log2(TALL / 16) * ONE)
    values[..., 2][away <= TALL / 2] = round(-SURE * ONE)
    return values


def curves(values: NDArray[np.int16]) -> Points:
    """The middle lines of the engine's curved boxes, [boxes, 33, 2]."""
    values = np.ascontiguousarray(values)
    out = np.zeros((20, 33, 2))
    places = (ctypes.c_void_p(array.ctypes.data) for array in (values, out))
    return out[: lib.bitocr_test_curves(next(places), *values.shape[:2], next(places), len(out))]


@pytest.mark.parametrize(
    "points",
    [arc(1, 20), arc(1, 90), arc(-1, 90), arc(1, 150), arc(-1, 120), arc(1, 240), wave(0.5), wave(1)],
    ids=["20", "90", "-90", "150", "-200", "240", "S", "steep S"],
)
def test_a_curve_follows_its_line(points: Points) -> None:
    (found,) = curves(along(points))
    away = np.hypot(*(found[:, None] - points).transpose(2, 0, 1))
    assert away.min(1)[1:-1].max() < 0.1 * TALL
    assert max(away[0, 0], away[-1, -1]) < 0.4 * TALL
    steps = np.hypot(*np.diff(found, axis=0).T)
    assert steps == pytest.approx(steps.mean(), rel=0.1)


@pytest.mark.parametrize("points", [arc(1, 3), arc(-1, 5), wave(0.05)], ids=["arc", "bowl", "S"])
def test_what_is_hardly_bent_is_straight(points: Points) -> None:
    assert len(curves(along(points))) == 0


def test_two_lines_that_touch_are_no_curve() -> None:
    crossed = np.maximum(along(arc(1, 90)), along(arc(-1, 90)))
    assert len(curves(crossed)) == 0
    assert len(curves(maps(WIDTH, HEIGHT, [box(100, 100, 500, 124), box(480, 112, 700, 136)]))) == 0


def drawn(text: str, points: Points) -> NDArray[np.uint8]:
    """Dark text whose middle runs through these points: each pixel of a straight line, and three between two."""
    font = ImageFont.truetype(str(FALLBACK), TALL)
    left, top, right, bottom = (round(v) for v in font.getbbox(text))
    strip = Image.new("L", (right - left, bottom - top), 235)
    ImageDraw.Draw(strip).text((-left, -top), text, 40, font)
    u, v = np.meshgrid(np.arange(0, strip.width, 0.25), np.arange(0, strip.height, 0.25))
    steps = np.hypot(*np.diff(points, axis=0).T)
    scale = steps.sum() / strip.width
    places = np.concatenate([[0], np.cumsum(steps)]) / scale
    tangent = np.gradient(points, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    x, y, dx, dy = (np.interp(u, places, values) for values in (*points.T, *tangent.T))
    down = (v - strip.height / 2) * scale
    page = np.full((HEIGHT, WIDTH), 235, np.uint8)
    page[(y + down * dx).astype(int), (x - down * dy).astype(int)] = np.asarray(strip)[v.astype(int), u.astype(int)]
    return page


TEXT = "CENTRAL RAILWAY STATION"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("english")


@pytest.mark.parametrize(
    "points", [arc(1, 40), arc(-1, 40), arc(1, 90), arc(-1, 90), wave(0.5)], ids=["40", "-40", "90", "-90", "S"]
)
def test_text_on_a_curve_is_read(reader: Reader, points: Points) -> None:
    page = reader.read(drawn(TEXT, points))
    assert [line.text for line in page.lines] == [TEXT]
    check_places(page, points)


def check_places(page: Page, points: Points) -> None:
    """Characters are on the curve, lean with it, and are inside the line's quadrilateral."""
    quads = np.array([char.quad for word in page.lines[0].words for char in word.chars])
    away = quads.mean(1)[:, None] - points
    nearest = np.hypot(*away.transpose(2, 0, 1)).argmin(1)
    assert (np.diff(nearest) > 0).all()
    assert np.hypot(*(quads.mean(1) - points[nearest]).T).max() < 0.2 * TALL
    tangent = np.gradient(points, axis=0)[nearest]
    edge = quads[:, 1] - quads[:, 0]
    sine = (tangent[:, 0] * edge[:, 1] - tangent[:, 1] * edge[:, 0]) / np.hypot(*tangent.T) / np.hypot(*edge.T)
    assert abs(sine).max() < 0.2
    corner, along_x, _, along_y = np.array(page.lines[0].quad)
    for side in (along_x - corner, along_y - corner):
        place = (quads - corner) @ side / (side @ side)
        assert place.min() > -0.05
        assert place.max() < 1.05
