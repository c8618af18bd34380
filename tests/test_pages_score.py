"""Scores of page readings: by places, by characters, by words, and by the whole text in its order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bitocr.inspect.metrics import edit_distance
from bitocr.inspect.pages.score import score_pages
from bitocr.inspect.pages.shapes import Shape, corners_of, overlap
from bitocr.inspect.pages.texts import common, edits, tokens

Quad = list[list[float]]


def box(left: float, top: float, right: float, bottom: float) -> Quad:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


WORDS: list[dict[str, Any]] = [
    {"text": "one", "box": [0, 0, 30, 10]},
    {"text": "two", "box": [36, 0, 66, 10]},
    {"text": "next", "box": [0, 14, 40, 24]},
]
SAME = [{"text": word["text"], "polygon": corners_of(word)} for word in WORDS]
LINES = [{"text": "One two", "polygon": box(0, 0, 66, 10)}, {"text": "next", "polygon": box(0, 14, 40, 24)}]
GHOST = {"text": "ghost", "polygon": box(70, 30, 99, 40)}


def figures(made: list[dict[str, Any]], items: Any = WORDS, text: str | None = "one two\nnext", **how: bool) -> Any:
    return score_pages([{"image": "a", "items": items, "text": text}], {"a": made}, **how)


CASES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "what is wanted": (
        SAME,
        {"iou50.hmean": 100, "cells.hmean": 100, "words.hmean": 100, "chars.cer": 0, "page_cer.mean": 0, "split": 0},
    ),
    "lines for words": (
        LINES,
        {"cells.hmean": 100, "words.hmean": 100, "chars.cer": 0, "iou50.recall": 33.33, "merged": 50},
    ),
    "another case": (LINES, {"page_cer.mean": 8.33, "page_cer.lower": 0}),
    "two lines in a box": (
        [{"text": "one two next", "polygon": box(0, 0, 66, 24)}],
        {"cells.recall": 0, "words.hmean": 100},
    ),
    "everything twice": (SAME + SAME, {"cells.recall": 100, "cells.precision": 50, "words.precision": 50}),
    "a word in pieces": (
        [{"text": "on", "polygon": box(0, 0, 20, 10)}, {"text": "e", "polygon": box(20, 0, 30, 10)}, *SAME[1:]],
        {"cells.hmean": 100, "chars.cer": 0, "split": 33.33, "words.recall": 66.67},
    ),
    "nothing": ([], {"cells.recall": 0, "page_cer.mean": 100, "chars.cer": 100}),
    "something invented": ([*SAME, GHOST], {"cells.recall": 100, "chars.recall": 100, "chars.cer": 50}),
    "another order": (SAME[::-1], {"words.hmean": 100, "chars.cer": 0, "page_cer.mean": 50}),
}


@pytest.mark.parametrize("case", CASES)
def test_figures(case: str) -> None:
    made, expected = CASES[case]
    found = figures(made)
    for path, value in expected.items():
        name, _, part = path.partition(".")
        assert (found[name][part] if part else found[name]) == pytest.approx(value, abs=0.02), path


def test_a_box_across_cells_costs_precision() -> None:
    items = [WORDS[0], {"text": "far", "box": [200, 0, 230, 10]}]
    cells = figures([{"text": "one far", "polygon": box(0, 0, 230, 10)}], items)["cells"]
    assert cells["recall"] == 100
    assert cells["precision"] < 40


@pytest.mark.parametrize("hidden", [{"text": "###"}, {"ignore": True}, {"difficult": True}])
@pytest.mark.parametrize("made", [SAME, SAME[:2]])
def test_what_is_to_be_ignored_neither_rewards_nor_punishes(hidden: dict[str, Any], made: list[Any]) -> None:
    found = figures(made, [*WORDS[:2], {**WORDS[2], **hidden}], None)
    assert all(found[name]["hmean"] == 100 for name in ("iou50", "cells", "words", "alnum", "chars"))


def test_without_a_text_an_item_counts_in_detection_alone() -> None:
    found = figures(SAME, [*WORDS[:2], {**WORDS[2], "text": None}], None)
    assert all(found[name]["hmean"] == 100 for name in ("iou50", "cells", "words", "chars"))


def test_of_partly_labelled_pages_recall_alone_is_told() -> None:
    found = figures([*LINES, GHOST], text=None, partial=True)
    assert found["cells"] == {"recall": 100.0}
    assert found["words"] == {"recall": 100.0}


@pytest.mark.parametrize("degrees", [0, 30, 90, 200])
def test_lines_in_any_direction(degrees: float) -> None:
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))

    def turned(quad: Any) -> Quad:
        return [[cos * x - sin * y, sin * x + cos * y] for x, y in quad]

    items = [{"text": word["text"], "quad": turned(corners_of(word))} for word in WORDS]
    found = figures([{**line, "polygon": turned(line["polygon"])} for line in LINES], items, None)
    assert found["cells"]["hmean"] == 100


def test_chinese_has_no_spaces() -> None:
    items = [{"text": "你好。", "box": [0, 0, 30, 10]}]
    found = figures([{"text": "你 好.", "polygon": box(0, 0, 30, 10)}], items, "你好。", chinese=True)
    assert (found["page_cer"]["mean"], found["words"]["recall"], found["alnum"]["hmean"]) == (0, 100, 100)


def test_overlap() -> None:
    square, diamond = Shape(box(0, 0, 10, 10)), Shape([[0, 5], [5, 0], [10, 5], [5, 10]])
    assert overlap(square, Shape(box(5, 0, 15, 10))) == pytest.approx(1 / 3)
    assert overlap(square, Shape(box(0, 0, 10, 10)[::-1])) == pytest.approx(1)
    assert overlap(square, diamond) == pytest.approx(0.5)
    assert overlap(square, Shape(box(20, 0, 30, 10))) == 0


def test_a_polygon_has_its_least_rectangle() -> None:
    shape = Shape([[0, 0], [4, 3], [10, 7.5], [9.4, 8.3], [3.4, 3.8], [-0.6, 0.8]])
    assert shape.length > 9
    assert shape.height < 2.5
    assert shape.along[0] > 0


def test_distances() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        a, b = ("".join(rng.choice(list("abc"), rng.integers(0, 9))) for _ in range(2))
        assert edits(a, b) == edit_distance(a, b)
        # An edit without substitutions takes lengths - 2 * common.
        assert edits(a, b) <= len(a) + len(b) - 2 * common(a, b)
    assert (common("kitten", "sitting"), edits("kitten", "sitting"), common("", "a")) == (4, 3, 0)


def test_tokens() -> None:
    assert tokens("Ab, c你好 x-1") == ["ab,", "c", "你", "好", "x-1"]
    assert tokens("Ab, c's (-) 1/2", alnum=True) == ["ab", "cs", "1", "2"]
