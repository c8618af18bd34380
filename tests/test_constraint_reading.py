"""Constrained reading of images: arguments of the reader, of a call, and of the command line."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bitocr import Reader
from bitocr.defaults import CHECKS
from bitocr.errors import UsageError
from conftest import Result

Run = Callable[..., Result]
LINES = Path(__file__).parent / "data" / "lines"
DATE, NUMBER, WORD = LINES / "words-01.png", LINES / "words-02.png", LINES / "words-00.png"  # 13/12/1998, 131, CARING


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_what_fits_stays_as_it_is(reader: Reader) -> None:
    for options in ({"pattern": "DD/DD/DDDD"}, {"allow": "0-9/"}, {"check": "date"}):
        line = reader.read_line(DATE, **options)
        assert line.text == "13/12/1998"
        assert line.confidence > 0.9
        assert "".join(c.char for c in line.chars) == line.text


@pytest.mark.parametrize("model", ["english", "english-tiny", "chinese"])
@pytest.mark.parametrize("options", [{"beam": 0}, {"words": ["CARING"]}, {"language_model": None}], ids=str)
def test_nothing_else_is_read(model: str, options: dict) -> None:
    reader = Reader(model, allow="0-9.,-", **options)
    for line in reader.read_lines(sorted(LINES.glob("*.png"))[::4]):
        assert set(line.text) <= set("0123456789.,-")


def test_hanzi_alone() -> None:
    reader = Reader("chinese", allow="一-龥")
    texts = [line.text for line in reader.read_lines(sorted(LINES.glob("chinese-*.png")))]
    assert all("一" <= c <= "龥" for text in texts for c in text)
    assert texts[0]


def test_wide_forms_are_the_usual_ones(reader: Reader) -> None:
    assert reader.read_line(NUMBER, allow="０-９").text == reader.read_line(NUMBER, allow="0-9").text == "131"


def test_a_call_stands_in_the_place_of_the_reader() -> None:
    reader = Reader(pattern="DDDD", allow="0-9")
    assert len(reader.read_line(WORD).text) == 4
    assert reader.read_line(WORD, pattern="[A-Z]{6}").text == "CARING"
    assert [line.text for line in reader.read_lines([WORD, DATE], allow="A-Z/0-9")] == ["CARING", "13/12/1998"]
    assert [line.text for line in reader.iter_lines([NUMBER], pattern="D{3}")] == ["131"]


def test_threads_and_pickled_readers_have_it_too() -> None:
    reader = pickle.loads(pickle.dumps(Reader(threads=2, pattern="D{3}")))
    assert [line.text for line in reader.read_lines([NUMBER] * 5)] == ["131"] * 5


def test_without_a_text_that_may_be_there_is_none(reader: Reader) -> None:
    line = reader.read_line(WORD, pattern="D{200}")
    assert (line.text, line.confidence, line.chars) == ("", 0, ())


@pytest.mark.parametrize(("pattern", "confidence"), [("D{3}", 0), ("D*", 1)])
def test_without_ink_the_text_is_empty_and_sure_where_it_may_be(
    reader: Reader, pattern: str, confidence: float
) -> None:
    line = reader.read_line(np.full((40, 120), 255, np.uint8), pattern=pattern)
    assert (line.text, line.confidence) == ("", confidence)


def test_what_the_best_path_leaves_empty_is_searched_all_the_same() -> None:
    noise = np.random.default_rng(1).integers(225, 256, (40, 120), np.uint8)
    reader = Reader(reread=0)
    assert not reader.read_line(noise).text
    assert len(reader.read_line(noise, pattern="D{3}").text) == 3


def test_pages_have_it_too(tmp_path: Path) -> None:
    pages = [Image.open(path) for path in (NUMBER, WORD)]
    pages[0].save(tmp_path / "pages.tiff", save_all=True, append_images=pages[1:])
    reader = Reader(ascii=True, threads=2)
    for line in reader.read_lines([tmp_path / "pages.tiff", NUMBER], pattern="D{3}|[A-Z]{6}"):
        assert line.text in ("131", "131\nCARING")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pattern": "D{"}, "the pattern, character 2"),
        ({"allow": ""}, "is empty"),
        ({"check": "isbn"}, "luhn, iban, mrz, ean or date"),
        ({"pattern": 5}, "pattern is a string"),
    ],
)
def test_wrong_constraints_are_told_at_once(reader: Reader, options: dict, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Reader(**options)
    with pytest.raises(UsageError, match=message):
        reader.read_line(WORD, **options)
    with pytest.raises(UsageError, match=message):
        reader.read_lines([], **options)


def test_command_line(run: Run) -> None:
    found = run("read", "--line", DATE, "--pattern", "DD/DD/DDDD", "--check", "date")
    assert found == (0, "13/12/1998\n", "")
    assert run("read", "--line", NUMBER, "--allow", "0-9").out == "131\n"
    bad = run("read", "--line", NUMBER, "--pattern", "(D")
    assert bad.code == 2
    assert bad.err == "bitocr: the pattern, character 1: no ) closes this (\n"


def test_every_check_is_one_of_the_engine(reader: Reader) -> None:
    for check in CHECKS:
        reader.read_line(NUMBER, check=check)
