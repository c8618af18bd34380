"""Blank margins are cut off before an image is prepared, and an image without ink gives no text."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

import random_model
from bitocr.errors import ImageError
from bitocr.native.engine import Engine
from bitocr.native.image import gray, trim

Pixels = np.ndarray


def line(text: str = "Jigs, 12.5!", ink: int = 20, ground: int = 230, size: int = 30) -> Pixels:
    """A tight picture of a text, with one row or column of ground on each side."""
    font = ImageFont.load_default(size)
    left, top, right, bottom = font.getbbox(text)
    picture = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2), ground)
    ImageDraw.Draw(picture).text((1 - left, 1 - top), text, ink, font)
    return np.asarray(picture)


def framed(array: Pixels, across: int, down: int, ground: int = 230) -> Pixels:
    return np.pad(array, ((down, down), (across, across)), constant_values=ground)


def place(part: Pixels, whole: Pixels) -> tuple[int, int, int, int]:
    """The left, top, right and bottom of a view."""
    offset = part.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    top, left = divmod(offset, whole.strides[0])
    left //= whole.strides[1]
    return left, top, left + part.shape[1], top + part.shape[0]


def noisy(deviation: float) -> Callable[[Pixels], Pixels]:
    noise = np.random.default_rng(3)
    return lambda a: np.clip(a + noise.normal(0, deviation, a.shape), 0, 255).astype(np.uint8)


def sloped(a: Pixels) -> Pixels:
    return np.clip(a - np.linspace(0, 100, a.shape[1]), 0, 255).astype(np.uint8)


GROUNDS = {
    "plain": lambda a: a,
    "noise": noisy(5),
    "slope of light": sloped,
    "inverted": lambda a: 255 - a,
    "RGB": lambda a: np.dstack([a] * 3),
    "RGBA": lambda a: np.dstack([a] * 3 + [np.full_like(a, 255)]),
}


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize(("across", "down"), [(300, 0), (0, 30), (150, 25)])
def test_margins_go_and_the_ink_stays(ground: str, across: int, down: int) -> None:
    text = line()
    whole = GROUNDS[ground](framed(text, across, down))
    left, top, right, bottom = place(trim(whole), whole)
    height, width = text.shape
    assert (left <= across + 1, top <= down + 1) == (True, True)  # nothing of the ink is lost
    assert (right >= across + width - 1, bottom >= down + height - 1) == (True, True)
    assert max(across - left, right - across - width) <= height
    assert max(down - top, bottom - down - height) <= height // 2 + 2


@pytest.mark.parametrize("text", [".jot.", "'i'", ":x:", "-5-", "......"])
@pytest.mark.parametrize("size", [14, 30, 90])
def test_points_are_ink(text: str, size: int) -> None:
    tight = line(text, size=size)
    whole = framed(tight, 4 * size, size // 4)
    left, _, right, _ = place(trim(whole), whole)
    assert left <= 4 * size + 1
    assert right >= 4 * size + tight.shape[1] - 1


def test_a_dash_keeps_its_place() -> None:
    """A dash differs from a rule by the space above and below it."""
    whole = framed(np.full((4, 14), 20, np.uint8), 200, 18)
    _, top, _, bottom = place(trim(whole), whole)
    assert (top, bottom) == (0, 40)


def test_dashes_are_ink() -> None:
    dashes = RULE.copy()
    dashes[:, 15::20] = dashes[:, 16::20] = dashes[:, 17::20] = 230
    assert trim(dashes).shape[0] == 48


def test_tight_lines_stay_whole() -> None:
    for size in (12, 30, 100):
        whole = line(size=size)
        assert trim(whole).shape == whole.shape


def test_faint_ends_are_ink() -> None:
    """A quarter of the contrast, as on a worn receipt."""
    total, amount = framed(line("TOTAL"), 40, 4), framed(line("9.90", ink=178), 40, 4)
    whole = np.hstack([total, amount[: len(total)]])
    left, _, right, _ = place(trim(whole), whole)
    assert left > 0
    assert right > whole.shape[1] - 60


RULE = np.full((48, 240), 230, np.uint8)
RULE[24:26, 5:236] = 20

EMPTY = {
    "a rule": RULE,
    "white": np.full((40, 200), 255, np.uint8),
    "black": np.zeros((40, 200, 3), np.uint8),
    "one pixel": np.full((1, 1), 9, np.uint8),
    "slope": np.tile(np.linspace(20, 220, 400).astype(np.uint8), (60, 1)),
    "faint noise": noisy(1)(np.full((48, 240), 128, np.uint8)),
    "transparent": np.zeros((30, 90, 4), np.uint8),
    "far too long": np.zeros((2, 3000), np.uint8),
}


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("beam", [0, 8])
def test_without_ink_there_is_no_text(name: str, beam: int) -> None:
    engine = Engine(random_model.model("ab", seed=4))
    assert engine.recognize([EMPTY[name]], beam=beam) == [{"text": "", "confidence": 1.0, "chars": [], "angle": 0}]
    assert trim(EMPTY[name]) is EMPTY[name]


def test_characters_stand_in_the_whole_image() -> None:
    engine = Engine(random_model.model("abcdefghij", seed=4))
    text = line()
    whole = framed(text, 500, 0)
    first, second = engine.recognize([trim(whole), whole])
    left, _, right, _ = place(trim(whole), whole)
    assert first["text"] == second["text"] != ""
    assert [x for *_, x in second["chars"]] == pytest.approx([x + left for *_, x in first["chars"]], abs=1e-3)
    assert all(left < x < right for *_, x in second["chars"])


@pytest.mark.parametrize("alpha", [False, True])
def test_letters_as_bright_as_the_ground_are_read_by_their_colour(alpha: bool) -> None:
    engine = Engine(random_model.model("abcdefghij", seed=4))
    plain = framed(line(ink=60, ground=200), 20, 10, 200)
    green = np.clip(150 - 77 / 150 * (plain.astype(int) - 130), 0, 255)
    coloured = np.dstack([plain, green, np.full_like(plain, 90)]).astype(np.uint8)
    assert np.ptp(gray(coloured).astype(int)) < 4
    if alpha:
        coloured = np.dstack([coloured, np.full_like(plain, 255)])
    assert engine.recognize([coloured]) == engine.recognize([plain])


def test_an_image_is_checked_first() -> None:
    with pytest.raises(ImageError, match="empty"):
        trim(np.zeros((0, 4), np.uint8))
