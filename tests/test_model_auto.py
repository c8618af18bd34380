"""The model "auto": it reads a page with the better model, and line by line if the page mixes languages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from bitocr import Reader
from bitocr.errors import UsageError
from bitocr.io.images import load

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


def test_lines_take_a_model(reader: Reader) -> None:
    with pytest.raises(UsageError, match="'auto' is for pages"):
        reader.read_line(LINES / "lines-00.png")
