"""Reading by command line and API with a model of hanzi, Latin letters and signs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import random_model
from bitocr import Reader
from bitocr.cli import read
from bitocr.cli.output import columns
from bitocr.inspect.contact_sheet import Misread, contact_sheet
from bitocr.inspect.metrics import normalise_line
from bitocr.io import bitfile, shipped
from bitocr.reader import Line
from conftest import Result, picture

Run = Callable[..., Result]
CHARSET = "，。中国人民银行ABab12"


@pytest.fixture(scope="module")
def chinese(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("chinese") / "chinese.bit"
    header = random_model.header(CHARSET)
    header["languages"] = ["zh", "en"]
    header["card"] = {"name": "chinese", "languages": ["zh", "en"], "accuracy": {"rendered words, %": 12.5}}
    bitfile.write(path, header, random_model.tensors(header))
    return path


def test_hanzi_are_not_escaped(run: Run, chinese: Path, tmp_path: Path) -> None:
    path = tmp_path / "图片.png"
    Image.fromarray(picture(0)).save(path)
    text = Reader(chinese).read_line(path).text
    assert set(text) & set("中国人民银行")
    result = run("read", "--line", "--json", "--model", chinese, path)
    assert f'"path": "{path}", "text": "{text}"' in result.out
    assert run("read", "--line", "--model", chinese, path).out == f"{text}\n"


def test_names_of_wide_characters_are_aligned(chinese: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(read, "to_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    reading = Reader(chinese).read_line(picture(0))
    printer = read.Printer(json=False, alone=False, min_confidence=0)
    for name in ("银行.png", "bank.png", "e\u0301.png"):
        printer.line(name, reading)
    lines = capsys.readouterr().out.splitlines()
    assert {columns(line[: line.index(reading.text)]) for line in lines} == {columns("bank.png  ")}


@pytest.mark.parametrize(
    ("text", "expected"), [("", 0), ("ab", 2), ("银行", 4), ("ＡB，", 5), ("ｱ", 1), ("e\u0301", 1)]
)
def test_columns(text: str, expected: int) -> None:
    assert columns(text) == expected


def test_models_tells_languages_and_accuracy(run: Run, chinese: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", chinese.parent)
    assert f"chinese  {chinese.stat().st_size:,}  zh, en     rendered words, % 12.5" in run("models").out
    assert f"14 characters: {CHARSET}" in run("inspect", "chinese").out
    assert Reader("chinese").read_line(picture(1)) == Reader(chinese).read_line(picture(1))


def test_words_to_expect_are_taken_in_the_usual_forms(chinese: Path) -> None:
    def read_lines(words: list[str] | None) -> list[Line]:
        # Without n-grams, which would pull the random network's texts elsewhere.
        return Reader(chinese, words=words, language_model=None).read_lines([picture(seed) for seed in range(8)])

    plain = read_lines(None)
    words = [line.text[:-1] for line in plain]
    wide = [word.translate({ord(c): ord(c) + 0xFEE0 for c in "ABab12"}) for word in words]
    assert wide != words
    expecting = read_lines(words)
    assert expecting == read_lines(wide) != plain


def test_a_page_says_that_its_hanzi_are_chinese() -> None:
    """Otherwise browsers may show Japanese forms."""
    texts = [("中国", "中囯"), ("China", "Chin")]
    misread = [Misread(Path("none.png"), truth, truth, text, 0.5, 0.5) for truth, text in texts]
    page = contact_sheet(misread, "title", "summary.", normalise_line)
    assert '<dd class="truth" lang="zh-Hans">中<mark>国</mark></dd>' in page
    assert '<dd class="truth">Chin<mark>a</mark></dd>' in page
