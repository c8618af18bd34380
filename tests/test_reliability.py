"""benchmarks/reliability.py: its figures, and how it puts them into a page."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from bitocr.errors import UsageError


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return importlib.import_module("reliability")


def test_ranking_counts_pairs(script: ModuleType) -> None:
    confidence, right = np.array([0.9, 0.8, 0.8, 0.1, 0.5]), np.array([True, True, False, False, True])
    pairs = [(r, w) for r in confidence[right] for w in confidence[~right]]
    expected = np.mean([(r > w) + 0.5 * (r == w) for r, w in pairs])
    assert script.ranking(confidence, right) == pytest.approx(expected)


def test_table(script: ModuleType, tmp_path: Path) -> None:
    confidence, right = np.array([0.99, 0.96, 0.6, 0.2]), np.array([True, True, False, False])
    ways = {
        "default": script.Reading(confidence, right),
        "uncalibrated": script.Reading(np.full(4, 0.9), np.array([True, False, False, False])),
    }
    rows = script.table({"some_words": ways}).splitlines()
    assert len(rows) == 4
    assert rows[2].startswith("| some_words, 4 | default | 50.0 | ")
    assert rows[2].endswith(" | 100.0 | - | 66.7 of 75 | 100.0 of 50 | 100.0 of 50 | 100.0 of 50 |")
    assert rows[3].startswith("|  | uncalibrated | 25.0 | 70.0 | 50.0 | ")
    assert rows[3].endswith(" | 25.0 of 100 | 25.0 of 100 | 25.0 of 100 | 25.0 of 100 | - |")
    script.plot({"some_words": ways}, tmp_path / "plot.png")
    assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")


def test_what_is_right_at_about_nine_tenths(script: ModuleType) -> None:
    words = script.Reading(np.array([0.84, 0.85, 0.9, 0.91, 0.949, 0.95]), np.array([0, 1, 1, 0, 1, 0], bool))
    none = script.Reading(np.array([0.5]), np.array([True]))
    sentence = script.describe_band({"words": {"default": words}, "none": {"default": none}})
    assert sentence == "Of readings with a confidence from 0.85 to 0.95, right are: 75 % in words."


def test_the_page_keeps_its_other_lines(script: ModuleType, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n", "utf-8")
    for _ in range(2):
        script.put_into(page, "new")
        assert page.read_text("utf-8") == f"before\n{script.BEGIN}\nnew\n{script.END}\nafter\n"
    page.write_text("nothing of it", "utf-8")
    with pytest.raises(UsageError, match="has no lines"):
        script.put_into(page, "new")
    assert page.read_text("utf-8") == "nothing of it"
