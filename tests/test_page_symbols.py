"""What photographs show instead of text: letters alone, and symbols beside words."""

from __future__ import annotations

import ctypes
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.lab.data.synth.faces import FALLBACK
from bitocr.native.library import lib

LONE, BESIDE = 0.75, 0.85
WIDE = 10.0
"""Pixels of each character, and of each space."""


class Result(NamedTuple):
    """A line after its symbols are dropped: `left` and `right` are places along the line as it was."""

    text: str
    left: float
    right: float
    confidence: float
    score: float


def without_symbols(*words: tuple[str, float], confidence: float = 0.5, column: bool = False) -> Result:
    """A line of these words, whose characters have these scores, along a slope of 3 to 4."""
    chars, x = [], 0.0
    for word, score in words:
        for i, character in enumerate(word):
            chars.append([ord(character), score, x, x + WIDE, i == 0])
            x += WIDE
        x += WIDE
    length = x - WIDE
    values = np.array(chars, np.float64)
    line = np.array([0.8 * length / 2, 0.6 * length / 2, 0.8, 0.6, length, confidence, 0.9, column], np.float64)
    count = lib.bitocr_test_symbols(*map(pointer, (values,)), len(values), pointer(line))
    kept = values[:count]
    assert (kept[0, 2], kept[-1, 3]) == (0, line[4])  # the box ends with its characters
    middle = line[0] * 0.8 + line[1] * 0.6
    text = "".join((" " if first and i else "") + chr(int(code)) for i, (code, *_, first) in enumerate(kept))
    return Result(text, middle - line[4] / 2, middle + line[4] / 2, line[5], line[6])


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


@pytest.mark.parametrize(
    ("words", "text", "left", "right"),
    [
        ([("do", 0.6), ("Parking", 0.9)], "Parking", 30, 100),
        ([("Parking", 0.9), ("X", 0.6)], "Parking", 0, 70),
        ([("0", 0.5), ("THE", 0.9), ("BAR", 0.9), ("=", 0.5), ("do", 0.5)], "THE BAR", 20, 90),
        ([("do", 0.6), ("be", 0.6)], "be", 30, 50),
        ([("do", BESIDE), ("Parking", 0.9)], "do Parking", 0, 100),
        ([("the", 0.6), ("Parking", 0.9), ("bar", 0.6)], "the Parking bar", 0, 150),
        ([("BAR", 0.9), ("do", 0.5), ("BAR", 0.9)], "BAR do BAR", 0, 100),
        ([("Parking", 0.6)], "Parking", 0, 70),
        ([("北", 0.6), ("京南路", 0.9)], "北 京南路", 0, 50),
    ],
)
def test_short_doubtful_words_at_the_ends_are_dropped(
    words: list[tuple[str, float]], text: str, left: float, right: float
) -> None:
    result = without_symbols(*words, confidence=0.8)
    assert result[:3] == (text, pytest.approx(left), pytest.approx(right))
    assert result.score > 0


def test_a_column_stays() -> None:
    assert without_symbols(("do", 0.6), ("Parking", 0.9), column=True).text == "do Parking"


def test_the_rest_is_surer() -> None:
    assert without_symbols(("do", 0.8), ("Parking", 0.9), confidence=0.5).confidence == pytest.approx(0.5 / 0.8**2)
    assert without_symbols(("do", 0.2), ("Parking", 0.9), confidence=0.5).confidence == pytest.approx(0.9)
    assert without_symbols(("Parking", 0.9), confidence=0.5).confidence == 0.5


@pytest.mark.parametrize(
    ("word", "confidence", "is_text"),
    [("O", LONE - 0.01, False), ("O", LONE, True), ("(5", 0.7, False), ("OK", 0.1, True), ("中", 0.1, True)],
)
def test_a_letter_alone_needs_confidence(word: str, confidence: float, is_text: bool) -> None:
    assert (without_symbols((word, 0.9), confidence=confidence).score > 0) == is_text


def photograph(lines: int = 1) -> np.ndarray:
    """Words, with two rings before the first one that read as zeros."""
    image = Image.new("L", (640, 420 + 60 * lines), 200)
    draw, font = ImageDraw.Draw(image), ImageFont.truetype(FALLBACK, 44)
    for row in range(lines):
        draw.text((200, 200 + 60 * row), "STATION", 30, font)
    for left in (139.52, 158):
        draw.ellipse((left, 218, left + 18.48, 236.5), outline=30, width=5)
    return np.asarray(image)


@pytest.mark.parametrize(("lines", "min_score", "is_dropped"), [(1, None, True), (16, None, False), (1, 0, False)])
def test_only_photographs_lose_symbols(lines: int, min_score: float | None, is_dropped: bool) -> None:
    text = Reader(min_score=min_score).read(photograph(lines)).text
    assert text.count("STATION") == lines
    assert (text.split()[0] == "STATION") == is_dropped
