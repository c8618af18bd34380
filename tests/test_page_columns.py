"""Columns of upright Chinese characters: finding, reading, order from right to left, places of characters."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from hanzi import FONT

HIGH = 36
COLUMNS = ["中国人民生活水平提高", "上海大学科学技术", "数学部关于社会建设"]
Places = list[tuple[str, tuple[float, float]]]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("chinese")


def drawn(columns: list[str], pitch: float, gap: float, tall: int = HIGH) -> tuple[NDArray[np.uint8], Places]:
    """Draws columns from the right, and returns the middles of their characters too."""
    font = ImageFont.truetype(str(FONT), tall)
    page = Image.new("L", (700, 600), 230)
    places = []
    for i, text in enumerate(columns):
        for k, character in enumerate(text):
            x, y = 600 - i * gap * tall, 80 + k * pitch * tall
            ImageDraw.Draw(page).text((x, y), character, 30, font, anchor="mm")
            places.append((character, (x, y)))
    return np.asarray(page), places


@pytest.mark.parametrize(("pitch", "gap"), [(1.0, 1.6), (1.05, 2.0), (1.3, 2.2), (1.3, 2.4)])
def test_columns_are_read_from_right_to_left(reader: Reader, pitch: float, gap: float) -> None:
    pixels, places = drawn(COLUMNS, pitch, gap)
    page = reader.read(pixels)
    assert [line.text for line in page.lines] == COLUMNS
    assert abs(page.angle) < 1
    chars = [char for line in page.lines for word in line.words for char in word.chars]
    for char, (character, middle) in zip(chars, places, strict=True):
        assert char.char == character
        assert np.hypot(*(np.mean(char.quad, 0) - middle)) < 0.25 * HIGH
        (left, top), (right, _), (_, bottom), _ = char.quad
        assert left < right
        assert top < bottom
    for line in page.lines:
        (left, top), (right, _), (_, bottom), _ = line.quad
        assert bottom - top > 4 * (right - left) > 0


def test_characters_that_stand_alone_are_a_column(reader: Reader) -> None:
    pixels, _ = drawn(["大学公司"], 1.7, 2, 60)
    assert reader.read(pixels).text == "大学公司"


def test_rows_stay_rows(reader: Reader) -> None:
    rows = Image.fromarray(np.full((300, 600), 230, np.uint8))
    font = ImageFont.truetype(str(FONT), HIGH)
    for i, text in enumerate(COLUMNS):
        ImageDraw.Draw(rows).text((40, 30 + 60 * i), text, 30, font)
    assert [line.text for line in reader.read(np.asarray(rows)).lines] == COLUMNS
