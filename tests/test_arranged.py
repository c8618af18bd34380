"""Crops that are not a single upright line: turned, upside down, columns, two lines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.inspect.metrics import normalise_line
from bitocr.lab.data.synth.faces import FALLBACK
from conftest import Result

Run = Callable[..., Result]
SIZE = 30
FONT = ImageFont.truetype(str(FALLBACK), SIZE)
HANZI = ImageFont.truetype(str(Path(__file__).parent / "data" / "hanzi.otf"), SIZE)


def written(
    text: str, margin: int = 6, paper: int = 240, ink: int = 20, font: ImageFont.FreeTypeFont = FONT
) -> np.ndarray:
    """Lines of text, one above the other, centred: uint8 [H, W]."""
    lines = text.split("\n")
    width = max(int(font.getlength(line)) for line in lines) + 2 * margin
    image = Image.new("L", (width, 36 * len(lines) + 2 * margin), paper)
    for number, line in enumerate(lines):
        left = (width - font.getlength(line)) / 2
        ImageDraw.Draw(image).text((left, margin + 36 * number - 2), line, font=font, fill=ink)
    return np.asarray(image)


def turned(image: np.ndarray, angle: int) -> np.ndarray:
    """Turned clockwise by a multiple of 90 degrees."""
    return np.ascontiguousarray(np.rot90(image, -angle // 90))


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("english")


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("text", ["Flughafen 12", "Handle with care"])
@pytest.mark.parametrize(("paper", "ink"), [(240, 20), (30, 220)])
def test_turned_lines(reader: Reader, text: str, angle: int, paper: int, ink: int) -> None:
    upright = reader.read_line(written(text, paper=paper, ink=ink))
    line = reader.read_line(turned(written(text, paper=paper, ink=ink), angle))
    assert (normalise_line(line.text), line.angle) == (normalise_line(text), angle)
    assert line.confidence == pytest.approx(upright.confidence, abs=0.05)
    assert [char.x for char in line.chars] == pytest.approx([char.x for char in upright.chars], abs=2)


@pytest.mark.parametrize("channels", [3, 4])
def test_turned_lines_in_colour(reader: Reader, channels: int) -> None:
    image = np.repeat(written("Platform 9")[:, :, None], channels, 2)
    image[:, :, 3:] = 255
    wide = np.zeros((*image.shape[:2][::-1], channels), np.uint8)
    wide[:] = turned(image, 90)
    assert reader.read_line(wide).text == reader.read_line(turned(written("Platform 9"), 90)).text


@pytest.mark.parametrize("text", ["EXIT", "HOTEL", "PARKING"])
def test_letters_in_a_column(reader: Reader, text: str) -> None:
    line = reader.read_line(written("\n".join(text)))
    assert (line.text, line.angle) == (text, 0)
    positions = [char.x for char in line.chars]
    assert positions == sorted(positions)


@pytest.mark.parametrize("text", ["出口", "中国人民", "三月二日", "北京大学"])
def test_hanzi_in_a_column(text: str) -> None:
    line = Reader("chinese").read_line(written("\n".join(text), font=HANZI))
    assert (line.text, line.angle) == (text, 0)


def test_lines_one_above_the_other(reader: Reader) -> None:
    line = reader.read_line(written("First line\nSecond line"))
    assert normalise_line(line.text) == "firstlinesecondline"
    assert " " in line.text[8:13]


@pytest.mark.parametrize("text", ["ON", "NO", "80", "SOS", "pod"])
def test_short_words_are_not_turned(reader: Reader, text: str) -> None:
    for paper in range(120, 250, 20):
        assert reader.read_line(written(text, 2, paper, 100)).angle == 0


@pytest.mark.parametrize("text", ["l", "I", "1", "!", "i", "j", "t", "f", "(", "7", "J", "A", "g"])
@pytest.mark.parametrize("margin", [2, 8])
def test_a_tall_character_stays_upright(reader: Reader, text: str, margin: int) -> None:
    line = reader.read_line(written(text, margin))
    assert (len(line.text), line.angle) == (1, 0)


def test_a_column_that_is_no_text_gives_none(reader: Reader) -> None:
    image = np.full((200, 30), 240, np.uint8)
    for top in range(10, 190, 40):
        image[top : top + 20, 5:25] = np.random.default_rng(top).integers(0, 240, (20, 20))
    line = reader.read_line(image)
    assert (line.text, line.chars) == ("", ())
    assert line.confidence < 0.1


def test_reading_once_leaves_images_as_they_are() -> None:
    image = turned(written("Platform 9"), 90)
    once = Reader("english", reread=0).read_line(image)
    assert once.angle == 0
    assert once.text != "Platform 9"


@pytest.mark.parametrize("shape", [(1, 1), (1, 200), (200, 1), (2, 2), (8000, 3), (6000, 3000)])
def test_odd_shapes(reader: Reader, shape: tuple[int, int]) -> None:
    for image in (np.zeros(shape, np.uint8), np.arange(shape[0] * shape[1], dtype=np.uint8).reshape(shape)):
        assert reader.read_line(image).angle in (0, 90, 180, 270)


def test_the_angle_is_printed(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(turned(written("Platform 9"), 270)).save(path)
    assert run("read", "--line", path, "--json").json["angle"] == 270
