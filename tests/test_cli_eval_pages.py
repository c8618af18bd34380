"""`bitocr eval --pages`: figures of whole pages, and invalid pages.json files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bitocr.cli import eval_pages
from bitocr.errors import ImageError
from conftest import Result

Run = Callable[..., Result]
ITEMS: list[dict[str, Any]] = [
    {"text": "one", "box": [0, 0, 30, 10]},
    {"text": "two", "quad": [[36, 0], [66, 0], [66, 10], [36, 10]]},
]


@dataclass
class Lines:
    lines: list[Any]


@dataclass
class Line:
    text: str
    quad: list[list[float]]


@dataclass
class Page:
    blocks: list[Lines] = field(default_factory=list)
    error: ImageError | None = None


class FakeReader:
    threads = 1

    def read_pages(self, images: list[Path], errors: str) -> Iterator[Page]:
        for image in images:
            if image.name == "broken.png":
                yield Page(error=ImageError("cut short"))
            else:
                yield Page([Lines([Line("One two", [[0, 0], [66, 0], [66, 10], [0, 10]])])])


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eval_pages, "open_reader", lambda args: FakeReader())


def write(folder: Path, pages: Any) -> Path:
    path = folder / "pages.json"
    path.write_text(pages if isinstance(pages, str) else json.dumps(pages), "utf-8")
    return path


def test_figures(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, [{"image": "a.png", "items": ITEMS, "text": "one two"}])
    found = run("eval", "--pages", path, "--json").json
    assert (found["pages"], found["items"], found["predictions"], found["failed"]) == (1, 2, 1, 0)
    assert found["cells"]["hmean"] == found["alnum"]["hmean"] == 100
    assert found["page_cer"]["mean"] == pytest.approx(14.29)
    text = run("eval", "--pages", path).out
    assert "alnum      precision 100.00  recall 100.00  hmean 100.00" in text
    assert "page cer   mean 14.29" in text


def test_spaces_between_hanzi_say_nothing(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, [{"image": "a.png", "text": "O n e 二二二二二 two"}])
    assert run("eval", "--pages", path, "--json").json["page_cer"]["mean"] < 60


def test_an_image_that_cannot_be_read_is_a_page_without_lines(run: Run, tmp_path: Path) -> None:
    path = write(tmp_path, [{"image": name, "items": ITEMS} for name in ("a.png", "broken.png")])
    result = run("eval", "--pages", path, "--json")
    assert result.code == 1
    assert result.json["failed"] == 1
    assert result.json["cells"]["recall"] == 50
    assert "broken.png: cut short" in result.err


def test_of_partly_labelled_pages_recall_alone_is_told(run: Run, tmp_path: Path) -> None:
    found = run("eval", "--pages", write(tmp_path, [{"image": "a.png", "items": ITEMS}]), "--partial", "--json").json
    assert found["cells"] == {"recall": 100.0}


FAULTS: dict[str, tuple[Any, str]] = {
    "no JSON": ("[", "not valid JSON"),
    "no list": ({}, "a list of pages"),
    "no page": ([], "a list of pages"),
    "no image": ([{"items": []}], 'page 1: no "image"'),
    "no text": ([{"image": "a", "text": 3}], '"text" is'),
    "no items": ([{"image": "a", "items": 3}], '"items" is a list'),
    "no box": ([{"image": "a", "items": [{"text": "x"}]}], "item 1"),
    "three numbers": ([{"image": "a", "items": [{"text": "x", "box": [1, 2, 3]}]}], "item 1"),
    "no numbers": ([{"image": "a", "items": [{"text": "x", "box": [1, 2, 3, "4"]}]}], "item 1"),
    "infinity": ('[{"image": "a", "items": [{"text": "x", "box": [1, 2, 3, Infinity]}]}]', "item 1"),
    "half a quad": ([{"image": "a", "items": [{"text": "x", "quad": [[1, 2]]}]}], "item 1"),
    "a word without a place": ([{"image": "a", "items": [{**ITEMS[0], "words": [{"text": "x"}]}]}], "item 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_set_of_pages_is_told_in_one_line(run: Run, tmp_path: Path, fault: str) -> None:
    pages, message = FAULTS[fault]
    result = run("eval", "--pages", write(tmp_path, pages))
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("arguments", [(), ("a.tsv", "--pages", "p.json")])
def test_either_lines_or_pages(run: Run, arguments: tuple[str, ...]) -> None:
    result = run("eval", *arguments)
    assert result.code == 2
    assert "either LABELS.tsv or --pages PAGES.json" in result.err
