"""Whole pages by the shipped models: documents at any angle, and the boxes of their characters."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.page import Page, Quad
from test_clean import TEXT, page

PAGES = Path(__file__).parent / "data" / "pages"
TRUTH: dict[str, list[dict[str, Any]]] = json.loads((PAGES / "pages.json").read_text())
ROWS = TEXT.split("\n")[:2] * 4
OVERLAP, SHARE = 0.5, 0.95


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def turned(image: Image.Image, degrees: float) -> Image.Image:
    return image.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


@pytest.mark.parametrize("degrees", [0, 3, 38, -42, 45, 90, 135, 180, -90, -160])
def test_a_document_may_lie_at_any_angle(reader: Reader, degrees: float) -> None:
    found = reader.read(turned(page(), degrees))
    assert [line.text.rstrip(".,") for line in found.lines] == [row.rstrip(".,") for row in ROWS]
    assert abs((found.angle - degrees + 180) % 360 - 180) < 0.5
    along = np.subtract(found.lines[0].quad[1], found.lines[0].quad[0])
    assert abs((np.degrees(np.arctan2(along[1], along[0])) - degrees + 180) % 360 - 180) < 2


def test_the_camera_says_how_it_was_held(reader: Reader) -> None:
    data, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by 90 degrees
    turned(page(), -90).save(data, "PNG", exif=exif)
    assert reader.read(data.getvalue()) == reader.read(page())


def overlap(quad: Quad, box: Sequence[float]) -> float:
    """Intersection over union of the boxes around both."""
    xs, ys = [x for x, _ in quad], [y for _, y in quad]
    width, height = min(max(xs), box[2]) - max(min(xs), box[0]), min(max(ys), box[3]) - max(min(ys), box[1])
    both = max(width, 0) * max(height, 0)
    area = (max(xs) - min(xs)) * (max(ys) - min(ys))
    return both / (area + (box[2] - box[0]) * (box[3] - box[1]) - both)


def characters(found: Page) -> list[tuple[str, Quad]]:
    return [(char.char, char.quad) for line in found.lines for word in line.words for char in word.chars]


@pytest.mark.parametrize("name", TRUTH)
def test_characters_that_are_found_have_their_boxes(reader: Reader, name: str) -> None:
    found = characters(reader.read(PAGES / f"{name}.gif"))
    text = [
        (c, box) for line in TRUTH[name] for c, box in zip(line["text"].replace(" ", ""), line["chars"], strict=True)
    ]
    good = sum(any(c == char and overlap(quad, box) >= OVERLAP for char, quad in found) for c, box in text)
    assert good >= SHARE * len(text)


def test_a_lone_letter_as_large_as_the_picture_is_read() -> None:
    image = Image.new("L", (300, 200), 255)
    face = str(PAGES.parent / "hanzi.otf")
    ImageDraw.Draw(image).text((90, 10), "R", 0, ImageFont.truetype(face, 180))
    assert [line.text for line in Reader("english").read(image).lines] == ["R"]


@pytest.mark.parametrize(("text", "is_read"), [("X", False), ("Exit", True), ("出口", True), ("12", True)])
def test_a_lone_letter_is_no_page(text: str, is_read: bool) -> None:
    """It may be a twig or a corner. If you know that it is text, you give its box."""
    image = Image.new("L", (300, 200), 255)
    face = str(PAGES.parent / "hanzi.otf")
    ImageDraw.Draw(image).text((90, 60), text, 0, ImageFont.truetype(face, 40))
    model = "chinese" if text == "出口" else "english"
    assert [line.text for line in Reader(model).read(image).lines] == ([text] if is_read else [])
    assert [line.text for line in Reader(model, min_score=0).read(image).lines] == [text]
