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
    draw.text((600, 660), SMALL, 20, ImageFont.load_default(7))
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


def plate(size: int, edge: float, word: str = "Room", ink: int = 235) -> np.ndarray:
    """A word with an arrow on a dark plate, in noise. size: of the letters; edge: between plate and word, in sizes."""
    noise = np.random.default_rng(1).normal(140, 4, (750, 1000))
    image = Image.fromarray(np.clip(noise, 0, 255).astype(np.uint8))
    draw, font, x, y = ImageDraw.Draw(image), ImageFont.load_default(size), 300, 300
    width = draw.textlength(word, font)
    draw.rectangle((x - edge * size, y - 0.1 * size, x + width + (edge + 1.6) * size, y + 1.25 * size), fill=30)
    draw.text((x, y), word, ink, font)
    arrow = [(0, 0.35), (0.5, 0.35), (0.5, 0.1), (1.1, 0.65), (0.5, 1.2), (0.5, 0.95), (0, 0.95)]
    draw.polygon([(x + width + (0.4 + a) * size, y + b * size) for a, b in arrow], fill=ink)
    return np.asarray(image)


@pytest.mark.parametrize(("word", "size", "edge"), [("Room", 20, 0.1), ("Signs", 24, 0.1), ("Signs", 24, 0.4)])
def test_a_word_beside_a_symbol_is_looked_at_again(reader: Reader, word: str, size: int, edge: float) -> None:
    """At first the box holds the arrow too, and its text is too doubtful to be kept."""
    assert word in reader.read(plate(size, edge, word)).text.split()


def test_doubtful_text_of_a_second_look_does_not_count(reader: Reader) -> None:
    """There the faint word is read as "WqL", with a confidence below 0.65."""
    assert reader.read(plate(16, 0.4, "wq", ink=50)).text == ""
