"""The model "auto": it reads a page with the better model, and line by line if the page mixes languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bitocr import Reader
from bitocr.errors import UsageError
from bitocr.io.images import load
from bitocr.models_auto import is_chinese
from conftest import Result

Run = Callable[..., Result]

LINES = Path(__file__).parent / "data" / "lines"
PAGES = Path(__file__).parent / "data" / "pages"
HAN = {"chinese-lines-02": "确定要取消这个修订版本的发布计划吗？", "chinese-screens-00": "比较 Python 软件包的版本号"}
LATIN = {"screens-02": "PROJECT NO.", "lines-00": "TAX INVOICE"}


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader("auto")


def page(names: list[str]) -> NDArray[np.uint8]:
    """Dark lines on white, one below the other, 26 pixels high."""
    rows = []
    for name in names:
        gray = Image.fromarray(load(LINES / f"{name}.png")).convert("L")
        line = np.asarray(gray.resize((round(gray.width * 26 / gray.height), 26), Image.Resampling.BILINEAR))
        line = line if np.median(line) > 127 else 255 - line
        row = np.full((64, 760), 255, np.uint8)
        row[20:46, 40 : 40 + line.shape[1]] = np.minimum(line, 255)[:, :700]
        rows.append(row)
    return np.concatenate(rows)


def test_each_line_by_the_model_that_reads_it(reader: Reader) -> None:
    names = ["lines-00", "chinese-lines-02", "screens-02", "chinese-screens-00"]
    found = reader.read(page(names))
    texts = {**HAN, **LATIN}
    assert [line.text for line in found.lines] == [texts[name] for name in names]
    assert found.model == "english+chinese"
    assert [line for line in found.text.split("\n") if line] == [texts[name] for name in names]


@pytest.mark.parametrize(("model", "names"), [("english", list(LATIN)), ("chinese", list(HAN))])
def test_one_language_is_read_as_by_its_model(reader: Reader, model: str, names: list[str]) -> None:
    image = page(names)
    found = reader.read(image)
    assert found.model == model
    assert found == Reader(model).read(image)
    assert found.lines


def test_pages_of_one_language(reader: Reader) -> None:
    path = PAGES / "document.gif"
    assert reader.read(path) == Reader("english").read(path)
    assert reader.read(np.full((50, 60), 255, np.uint8)).lines == []


def test_lines_have_the_model_that_suits_them(reader: Reader) -> None:
    lines = sorted([*LINES.glob("chinese-*.png"), *LINES.glob("screens-*.png"), *LINES.glob("words-*.png")])
    found = reader.read_lines(lines)
    latin, han = (Reader(model).read_lines(lines) for model in ("english", "chinese"))
    taken = {"english": 0, "chinese": 0}
    for path, line, english, chinese in zip(lines, found, latin, han, strict=True):
        is_han = path.name.startswith("chinese") and chinese.text and not chinese.text.isascii()
        assert line == (chinese if is_han else english)
        taken["chinese" if is_han else "english"] += english != chinese
    assert min(taken.values()) > 3, taken


@pytest.mark.parametrize(
    ("text", "score", "latin", "is_han"),
    [("中文", 0.8, 0.85, True), ("中文", 0.8, 0.95, False), ("TEXT", 0.9, 0.2, False), ("「A」", 0.8, 0.8, True)],
)
def test_what_is_chinese(text: str, score: float, latin: float, is_han: bool) -> None:
    assert is_chinese(text, score, latin) == is_han


def test_both_models_know_what_may_be_read(reader: Reader) -> None:
    with pytest.raises(UsageError, match="knows none of the allowed characters"):
        reader.read_line(LINES / "lines-00.png", allow="一-龥")
    assert reader.read_line(LINES / "words-02.png", allow="0-9").text == "131"


def test_command_line(run: Run) -> None:
    names = ["chinese-lines-02", "screens-02"]
    made = run("read", "--line", "--model", "auto", *[str(LINES / f"{name}.png") for name in names])
    assert [line.split("\t")[1] for line in made.out.splitlines()] == [{**HAN, **LATIN}[name] for name in names]
