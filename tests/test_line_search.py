"""Looking for the text in pictures of single lines that are hard to read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader, UsageError
from bitocr.io.images import load
from bitocr.io.shipped import find
from bitocr.lab.data.synth.faces import FALLBACK
from bitocr.line_search import CERTAIN, LEAST, LONGEST, SURER, UNSEEN, LineSearch, frame_of, framed, reading_of
from bitocr.native.engine import Engine
from bitocr.native.pages import Detector
from bitocr.page import Char, Word
from bitocr.page import Line as PageLine
from conftest import Result

BLANK = Path(__file__).parent / "data" / "blank"
GROUND, INK = 226, 30
Picture = NDArray[np.uint8]


def drawn(*texts: str, size: int = 36, turned: float = 0, pad: int = 6) -> Picture:
    """A picture of lines below each other, turned anticlockwise by so many degrees."""
    font = ImageFont.truetype(FALLBACK, size)
    width = max(int(font.getlength(text)) for text in texts) + 2 * pad
    image = Image.new("L", (width, int(1.4 * size * len(texts)) + 2 * pad), GROUND)
    for row, text in enumerate(texts):
        ImageDraw.Draw(image).text((pad, pad + 1.4 * size * row), text, INK, font)
    return np.asarray(image.rotate(turned, Image.Resampling.BICUBIC, expand=True, fillcolor=GROUND))


def reading(text: str, confidence: float) -> dict[str, Any]:
    return {"text": text, "confidence": confidence, "chars": [(char, confidence, 1.0) for char in text], "angle": 0}


@pytest.fixture(scope="module")
def search() -> LineSearch:
    return search_with(0.8)


def search_with(reread: float) -> LineSearch:
    engine = Engine(find("english"), reread=reread, beam=None, language_model="auto", models=find("english").parent)
    return LineSearch({"english": engine}, lambda: Detector(find("page")))


def test_a_found_line_replaces_a_doubtful_reading(search: LineSearch) -> None:
    found = search.improved(reading("Wkldng alng", 0.2), drawn("Walking along"))
    assert (found["text"], found["angle"]) == ("Walking along", 0)
    assert found["confidence"] > SURER * 0.2


def test_its_characters_are_in_their_places(search: LineSearch) -> None:
    picture = drawn("Walking along")
    chars = search.improved(reading("Wkldng alng", 0.2), picture)["chars"]
    font, text = ImageFont.truetype(FALLBACK, 36), "Walking along"
    assert "".join(char for char, _, _ in chars) == text
    for i, (_, score, x) in enumerate(chars):
        left, right = (6 + font.getlength(text[:end]) for end in (i, i + 1))
        assert left - 6 < x < right + 6
        assert 0 < score <= 1


def test_places_are_those_of_the_picture_without_its_frame() -> None:
    def char(text: str, x: float) -> Char:
        return Char(text, 0.5 + x / 1000, ((x - 2, 0), (x + 2, 0), (x + 2, 9), (x - 2, 9)))

    quad = char("", 30).quad
    words = (Word("ab", 0.5, quad, (char("a", 20), char("b", 30))), Word("c", 0.5, quad, (char("c", 50),)))
    found = reading_of(PageLine("ab c", 0.7, quad, words), margin=8)
    assert found["chars"] == [("a", 0.52, 12), ("b", 0.53, 22), (" ", 0.53, 32), ("c", 0.55, 42)]


@pytest.mark.parametrize(
    ("shape", "margin"),
    [((40, 90), 32), ((40, 90, 3), 32), ((9000, 30), 24), ((1024, 1024), 819), ((1024, 1025), 0)],
)
def test_small_pictures_get_a_frame(shape: tuple[int, ...], margin: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    assert frame_of(picture) == margin
    around = framed(picture, margin)
    assert around.shape == (shape[0] + 2 * margin, shape[1] + 2 * margin, *shape[2:])
    assert (around[margin : margin + shape[0], margin : margin + shape[1]] == picture).all()
    assert (around[: margin + 1, margin : margin + shape[1]] == picture[0]).all()


@pytest.mark.parametrize(
    ("picture", "text", "confidence"),
    [
        (drawn("Walking along"), "Wkldng alng", 0.7),  # it may be right
        (drawn("Walking along"), "Wkldng alng, while it rains", 0.2),  # only a part is found
        (drawn("Walking", "along"), "Wkldng", 0.2),  # two lines
        (np.ascontiguousarray(np.rot90(drawn("Walking along"))), "Wkldng alng", 0.2),  # a turned line
        (np.full((40, 200), GROUND, np.uint8), "Wkldng", 0.2),  # nothing
        (drawn("Walking along"), "", 0.2),
    ],
)
def test_a_reading_stays(search: LineSearch, picture: Picture, text: str, confidence: float) -> None:
    given = reading(text, confidence)
    assert search.improved(given, picture) is given


def test_without_rereading_a_reading_stays() -> None:
    given = reading("Wkldng alng", 0.1)
    assert search_with(0).improved(given, drawn("Walking along")) is given
    assert search_with(0.15).improved(given, drawn("Walking along")) is not given
    assert search_with(0.05).improved(given, drawn("Walking along")) is given


@pytest.mark.parametrize(
    ("text", "confidence", "expected"),
    [
        ("T", 0.89, ("T", UNSEEN * 0.89)),
        ("T", LEAST / UNSEEN - 0.01, ("", 1 - (LEAST / UNSEEN - 0.01))),
        ("T", CERTAIN, ("T", CERTAIN)),
        ("THEM", 0.9, ("THEM", 0.9)),
    ],
)
def test_few_characters_need_to_be_seen(
    search: LineSearch, text: str, confidence: float, expected: tuple[str, float]
) -> None:
    found = search.improved(reading(text, confidence), np.full((40, 60), GROUND, np.uint8))
    assert (found["text"], found["confidence"]) == pytest.approx(expected)
    assert len(found["chars"]) == len(found["text"])


@pytest.mark.parametrize("size", [12, 36, 300])
@pytest.mark.parametrize("text", ["T", "go"])
def test_characters_of_all_sizes_are_seen(search: LineSearch, text: str, size: int) -> None:
    given = reading(text, 0.7)
    assert search.improved(given, drawn(text, size=size, pad=size // 6)) is given


@pytest.mark.parametrize(("allow", "text"), [(None, ""), ("A-Z", "I")])
def test_a_constraint_is_believed(allow: str | None, text: str) -> None:
    assert Reader().read_line(BLANK / "wall.png", allow=allow).text == text


def test_very_long_pictures_are_not_searched(search: LineSearch) -> None:
    given = reading("T", 0.65)
    assert search.improved(given, np.full((2, LONGEST + 1), GROUND, np.uint8)) is given


@pytest.mark.parametrize("shape", [(LONGEST, 10), (1, 1), (2, LONGEST), (3000, 3000)])
def test_pictures_of_any_shape_are_searched(search: LineSearch, shape: tuple[int, int]) -> None:
    found = search.improved(reading("T", 0.65), np.full(shape, GROUND, np.uint8))
    assert (found["text"], found["confidence"]) == ("T", pytest.approx(UNSEEN * 0.65))


@pytest.mark.parametrize("detector", [None, "none"])
def test_a_reader_without_detector_reads_lines_as_they_are(detector: str | None) -> None:
    reader = Reader(detector=detector)
    assert reader.read_line(BLANK / "wall.png").text == "I"
    for read in (reader.read, reader.find):
        with pytest.raises(UsageError, match="this reader has no detector: it reads pictures of single lines only"):
            read(drawn("Walking along"))


def test_the_command_line_reads_lines_as_they_are(run: Callable[..., Result]) -> None:
    assert run("read", "--line", BLANK / "wall.png") == (0, "\n", "")
    assert run("read", "--line", "--detector", "none", BLANK / "wall.png") == (0, "I\n", "")


def test_a_reader_reads_what_is_found_with_a_frame() -> None:
    """Without one, the detector sees other boxes, whose text is not surer."""
    assert Reader().read_line(BLANK.parent / "fraction.png").text == "6/5"


@pytest.mark.parametrize("turned", [-14, 14])
def test_a_reader_reads_tilted_lines(turned: float) -> None:
    line = Reader().read_line(drawn("Walking along the river", turned=turned))
    assert line.text == "Walking along the river"
    assert [char.char for char in line.chars] == list(line.text)


def test_a_reader_finds_no_letter_in_a_pattern() -> None:
    reader, picture = Reader(), BLANK / "wall.png"
    assert reader._engines[0].read([load(picture, 10**6)])[0]["text"]
    assert reader.read_line(picture).text == ""
