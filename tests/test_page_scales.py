"""Photographs with large and small text: lines that are seen at several scales, of which those read best are kept."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.page import Quad

SMALL = "open from 7 to 18"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("english")


def sign(large: int) -> np.ndarray:
    """A large word, so many pixels high, and a small line that is too small for the detector's first looks."""
    image = Image.new("L", (1200, 900), 150)
    draw = ImageDraw.Draw(image)
    draw.rectangle((30, 30, 1170, 60 + large * 1.4), fill=235)
    draw.text((60, 40), "BAKERY", 20, ImageFont.load_default(large))
    draw.text((600, 660), SMALL, 250, ImageFont.load_default(7))
    return np.asarray(image)


def middle(quad: Quad) -> tuple[float, float]:
    return sum(x for x, _ in quad) / 4, sum(y for _, y in quad) / 4


def holds(quad: Quad, point: tuple[float, float]) -> bool:
    """For a quad that is hardly turned."""
    (left, top), _, (right, bottom), _ = quad
    return left < point[0] < right and top < point[1] < bottom


@pytest.mark.parametrize("large", [60, 100, 140])
def test_small_text_beside_a_large_word(reader: Reader, large: int) -> None:
    page = reader.read(sign(large))
    assert [line.text for line in page.lines] == ["BAKERY", SMALL]


def test_no_line_is_kept_twice(reader: Reader) -> None:
    quads = [line.quad for line in reader.read(sign(100)).lines]
    assert not [1 for a in quads for b in quads if a is not b and holds(a, middle(b))]


def test_boxes_alone_are_those_of_the_first_looks(reader: Reader) -> None:
    """Without reading nothing tells which of two boxes is better."""
    quads = [line.quad for line in reader.find(sign(100)).lines]
    assert not [1 for a in quads for b in quads if a is not b and holds(a, middle(b))]
