"""O and 0 in codes: by the widths of the ink, where the text does not tell."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("english")


def drawn(text: str, stretched: float = 1.0) -> np.ndarray:
    """Dark letters, 24 pixels high. stretched: how wide zeros are, in their usual width."""
    face = ImageFont.load_default(24)
    edge = np.full((40, 6), 220, np.uint8)
    parts = [edge]
    for char in text:
        glyph = Image.new("L", (int(face.getlength(char)) + 1, 40), 220)
        ImageDraw.Draw(glyph).text((0, 6), char, 60, face)
        width = round(glyph.width * (stretched if char == "0" else 1))
        parts.append(np.asarray(glyph.resize((width, glyph.height))))
    return np.hstack([*parts, edge])


@pytest.mark.parametrize("text", ["A0O0B9CWZD", "ESPRSX0952FMNG0"])
def test_the_width_of_the_ink_tells(reader: Reader, text: str) -> None:
    assert reader.read_line(drawn(text)).text == text


@pytest.mark.parametrize("text", ["B2C4 600", "K77B 1990"])
def test_words_without_both_capitals_and_digits_stay(reader: Reader, text: str) -> None:
    assert reader.read_line(drawn(text, 1.5)).text == text


def test_characters_keep_their_places(reader: Reader) -> None:
    chars = reader.read_line(drawn("A0O0B9CWZD")).chars
    assert "".join(char.char for char in chars) == "A0O0B9CWZD"
    assert all(a.x < b.x for a, b in pairwise(chars))
