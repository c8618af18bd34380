"""benchmarks/decoding.py: a set's own words, and its rows in a page."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from bitocr.io import bitfile
from conftest import picture
from random_model import header, tensors


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return importlib.import_module("decoding")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    head = header("ab ")
    bitfile.write(tmp_path / "tiny.bit", head, tensors(head))
    return tmp_path / "tiny.bit"


def add_set(folder: Path, texts: list[str]) -> Path:
    folder.mkdir(parents=True)
    for number in range(len(texts)):
        Image.fromarray(picture(number)).save(folder / f"{number}.png")
    labels = folder / "labels.tsv"
    labels.write_text("".join(f"{number}.png\t{text}\n" for number, text in enumerate(texts)))
    return labels


def test_a_sets_own_words_are_those_of_all_labels(script: ModuleType, tmp_path: Path) -> None:
    assert script.own_words(add_set(tmp_path / "words", ["b a", "a", "Ba"])) == ["Ba", "a", "b"]


@pytest.mark.parametrize("options", [["--own-words"], []])
def test_rows_go_into_their_part_of_a_page(
    script: ModuleType, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    for folder in ("val/iiit5k_words", "eval/iiit5k_words", "eval/sroie_lines"):
        add_set(tmp_path / folder, ["ab", "b"])
    page = tmp_path / "page.md"
    page.write_text(
        "\n".join(line for name in ("decoding.py", "decoding.py --own-words") for line in script.marks(name))
    )
    folders = [str(tmp_path / "val"), str(tmp_path / "eval")]
    monkeypatch.setattr(sys, "argv", ["decoding.py", *folders, "--model", str(model), "--doc", str(page), *options])
    script.main()
    main_part, own_part = page.read_text().split("<!-- /benchmarks/decoding.py -->")
    part, other = (own_part, main_part) if options else (main_part, own_part)
    assert "| val/iiit5k_words | greedy | " in part
    assert "| eval/iiit5k_words | greedy | " in part
    assert ("| eval/sroie_lines | greedy | " in part) is not bool(options)
    assert ("| val/iiit5k_words | default, the set's own words | " in part) is bool(options)
    assert "greedy" not in other
