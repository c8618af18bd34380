"""Reading pages with known boxes: text, words, characters, order, directions, and bad boxes."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr.errors import UsageError
from bitocr.io import shipped
from bitocr.io.images import load
from bitocr.lab.data.synth.faces import FALLBACK
from bitocr.native.engine import Engine
from bitocr.native.pages import read_boxes
from bitocr.page import Page, Quad

PAGES = Path(__file__).parent / "data" / "pages"
TRUTH: dict[str, list[dict[str, Any]]] = json.loads((PAGES / "pages.json").read_text())
RIGHT_WAY_UP = 0.95  # of the characters' boxes, at least, overlap the true ones by half


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(shipped.find("english"), beam=None, reread=None, language_model="auto", models=shipped.FOLDER)


def picture(name: str) -> Image.Image:
    return Image.fromarray(load(PAGES / f"{name}.gif")).convert("L")


def corners(box: Sequence[float]) -> Quad:
    left, top, right, bottom = box
    return (left, top), (right, top), (right, bottom), (left, bottom)


def quads(name: str) -> np.ndarray:
    return np.array([corners(line["box"]) for line in TRUTH[name]], float)


def texts(name: str) -> list[str]:
    return [line["text"] for line in TRUTH[name]]


def turned(name: str, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """A page and its boxes, turned clockwise about the middle of a larger picture."""
    image, angle = picture(name), math.radians(degrees)
    side = math.ceil(math.hypot(*image.size))
    whole = Image.new("L", (side, side), image.getpixel((0, 0)))
    origin = np.array([(side - image.width) // 2, (side - image.height) // 2])
    whole.paste(image, tuple(origin.tolist()))
    middle = side / 2
    away = quads(name) + origin - middle
    rotation = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    rotated = whole.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=image.getpixel((0, 0)))
    return np.asarray(rotated), away @ rotation + middle


def overlap(quad: Quad, box: Sequence[float]) -> float:
    """Intersection over union with an upright box."""
    (left, top), _, (right, bottom), _ = quad
    width, height = min(right, box[2]) - max(left, box[0]), min(bottom, box[3]) - max(top, box[1])
    both = max(width, 0) * max(height, 0)
    return both / ((right - left) * (bottom - top) + (box[2] - box[0]) * (box[3] - box[1]) - both)


@pytest.mark.parametrize("name", TRUTH)
def test_all_lines_are_read_in_order(engine: Engine, name: str) -> None:
    shuffled = np.random.default_rng(0).permutation(quads(name))
    page = read_boxes(engine, load(PAGES / f"{name}.gif"), shuffled)
    assert [line.text for line in page.lines] == texts(name)
    assert (page.width, page.height) == picture(name).size
    assert (page.angle, page.scale) == (0, 1)
    for line in page.lines:
        assert line.text == " ".join(word.text for word in line.words)
        assert all(word.text == "".join(char.char for char in word.chars) for word in line.words)
        assert all(0 <= word.confidence <= 1 for word in line.words)
    assert 0.5 < page.confidence <= 1


@pytest.mark.parametrize("name", TRUTH)
def test_characters_have_boxes(engine: Engine, name: str) -> None:
    page = read_boxes(engine, load(PAGES / f"{name}.gif"), quads(name))
    found = [char.quad for line in page.lines for word in line.words for char in word.chars]
    true = [box for line in TRUTH[name] for box in line["chars"]]
    good = [overlap(quad, box) >= 0.5 for quad, box in zip(found, true, strict=True)]
    assert np.mean(good) >= RIGHT_WAY_UP


def test_words_are_around_their_characters(engine: Engine) -> None:
    for line in read_boxes(engine, load(PAGES / "document.gif"), quads("document")).lines:
        ends = [x for word in line.words for x in (word.quad[0][0], word.quad[1][0])]
        assert ends == sorted(ends)
        for word in line.words:
            assert word.quad[0][0] == pytest.approx(min(c.quad[0][0] for c in word.chars), abs=0.01)
            assert word.quad[1][0] == pytest.approx(max(c.quad[1][0] for c in word.chars), abs=0.01)
            assert (word.quad[0][1], word.quad[2][1]) == (line.quad[0][1], line.quad[2][1])


def test_page_text(engine: Engine) -> None:
    page = read_boxes(engine, load(PAGES / "receipt.gif"), quads("receipt"))
    rows = ["THE CORNER SHOP", "Coffee\t2\t5.60", "Orange juice\t1\t3.20", "Sandwich\t3\t14.85", "Total\t23.65"]
    assert [row for row in page.text.split("\n") if row] == rows
    document = read_boxes(engine, load(PAGES / "document.gif"), quads("document"))
    assert document.text.split("\n\n")[0] == "A page of two columns"
    assert len(document.blocks) >= 3
    assert [line.text for line in document.lines] == [line for line in document.text.split("\n") if line]


@pytest.mark.parametrize("degrees", [-40, -10, 3, 25, 90, -90])
def test_turned_pages(engine: Engine, degrees: float) -> None:
    image, boxes = turned("document", degrees)
    page = read_boxes(engine, image, boxes)
    assert page.angle == pytest.approx(degrees, abs=0.2)
    wrong = [(a.text, b) for a, b in zip(page.lines, texts("document"), strict=True) if a.text != b]
    assert len(wrong) <= 1
    for line, quad in zip(page.lines, boxes, strict=True):
        np.testing.assert_allclose(line.quad, quad, atol=0.1)


@pytest.mark.parametrize("name", TRUTH)
def test_pages_upside_down_are_turned(engine: Engine, name: str) -> None:
    """The boxes do not show which way is up."""
    image = load(PAGES / f"{name}.gif")
    boxes = np.array(image.shape[1::-1]) - quads(name)[:, [2, 3, 0, 1]]
    page = read_boxes(engine, image[::-1, ::-1], boxes)
    assert abs(page.angle) == 180
    assert [line.text for line in page.lines] == texts(name)
    np.testing.assert_allclose(page.lines[0].quad, boxes[0][[2, 3, 0, 1]], atol=0.01)
    as_told = read_boxes(engine, image[::-1, ::-1], boxes, is_upright=True)
    assert as_told.angle == 0
    assert as_told.text != page.text


def test_scraps_do_not_turn_a_page(engine: Engine) -> None:
    """Noise, and numbers of few digits, may look more like text upside down."""
    line, *scraps = TRUTH["document"][:14]
    image = np.array(picture("document"))
    boxes = [line["box"]]
    for scrap in scraps:
        left, top, right, bottom = map(round, scrap["box"])
        image[top:bottom, left:right] = image[top:bottom, left:right][::-1, ::-1]
        boxes.append([right - 1.6 * (bottom - top), top, right, bottom])
    page = read_boxes(engine, image, [corners(box) for box in boxes])
    assert page.angle == pytest.approx(0)
    assert line["text"] in page.text


def test_a_typewriters_narrow_letters_do_not_end_words(engine: Engine) -> None:
    text, pitch = "CASHIER", 18
    image = Image.new("L", (40 + pitch * len(text), 60), 250)
    font, draw = ImageFont.truetype(str(FALLBACK), 32), ImageDraw.Draw(image)
    for i, letter in enumerate(text):
        draw.text((20 + pitch * (i + 0.5), 42), letter, 0, font, anchor="ms")
    box = (14, 17, image.width - 14, 46)
    assert read_boxes(engine, np.array(image), [corners(box)]).text == text


def test_two_lines_in_a_box_are_parted(engine: Engine) -> None:
    one, two = TRUTH["document"][1:3]
    whole = np.concatenate([one["box"], two["box"]]).reshape(2, 4)
    box = [whole[:, 0].min(), whole[:, 1].min(), whole[:, 2].max(), whole[:, 3].max()]
    page = read_boxes(engine, load(PAGES / "document.gif"), [corners(box)])
    assert [line.text for line in page.lines] == [one["text"], two["text"]]
    for line, true in zip(page.lines, (one, two), strict=True):
        assert overlap(line.quad, true["box"]) > 0.65


def test_what_is_no_text_is_left_out(engine: Engine) -> None:
    image = load(PAGES / "document.gif")
    noise = np.random.default_rng(0).integers(0, 256, (60, image.shape[1]), np.uint8)
    white = np.full((60, image.shape[1]), 255, np.uint8)
    below = np.concatenate([picture("document"), noise, white])
    bottom = image.shape[0]
    boxes = [
        *quads("document"),
        corners([20, bottom + 5, 400, bottom + 50]),
        corners([20, bottom + 70, 400, bottom + 90]),
    ]
    assert len(read_boxes(engine, below, boxes).lines) == len(texts("document"))


@pytest.mark.parametrize(
    "box",
    [
        [[-500, -500], [-400, -500], [-400, -480], [-500, -480]],
        [[5000, 5], [6000, 5], [6000, 25], [5000, 25]],
        [[1e30, 0], [2e30, 0], [2e30, 1e30], [1e30, 1e30]],
        [[float("nan")] * 2] * 4,
        [[float("inf"), 0], [0, 1], [3, 3], [0, float("-inf")]],
        [[10, 10]] * 4,
        [[10, 10], [100, 10], [10, 30], [100, 30]],
        [[100, 30], [100, 10], [10, 10], [10, 30]],
        [[-1e5, -1e5], [1e5, 1e5], [1e5, 2e5], [-1e5, 0]],
        [[0, 0], [540, 0], [540, 0.01], [0, 0.01]],
        [[0, 0], [0.01, 0], [0.01, 270], [0, 270]],
        [[-1e9, -1e9], [1e9, -1e9], [1e9, 1e9], [-1e9, 1e9]],
    ],
)
def test_any_box_is_survived(engine: Engine, box: list[list[float]]) -> None:
    page = read_boxes(engine, load(PAGES / "document.gif"), np.array([*quads("document")[:2], box]))
    assert [line.text for line in page.lines][:1] == texts("document")[:1]
    json.dumps(page.as_dict(), allow_nan=False)


def test_nothing_to_read(engine: Engine) -> None:
    page = read_boxes(engine, np.zeros((1, 1), np.uint8), np.zeros((0, 4, 2)))
    assert page == Page(1, 1)


def test_wrong_arguments(engine: Engine) -> None:
    with pytest.raises(UsageError, match="least score"):
        read_boxes(engine, np.zeros((1, 1), np.uint8), [], min_score=1.5)


def test_threads_and_kinds_of_pixels_give_the_same(engine: Engine) -> None:
    image = load(PAGES / "document.gif")
    expected = read_boxes(engine, image, quads("document"))
    gray = np.asarray(picture("document"))
    many = Engine(
        shipped.find("english"), threads=3, beam=None, reread=None, language_model="auto", models=shipped.FOLDER
    )
    pages = [read_boxes(many, array, quads("document")) for array in (image, gray, np.stack([gray] * 3, -1))]
    threads = [
        threading.Thread(target=lambda: pages.append(read_boxes(engine, gray, quads("document")))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pages == [expected] * 6
