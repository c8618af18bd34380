"""The reading order of lines, and which lines belong together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from page_maps import order

H, PITCH = 20.0, 30.0
Rect = tuple[float, float, float, float]


def column(left: float, right: float, top: float, lines: int, pitch: float = PITCH) -> list[Rect]:
    return [(left, top + pitch * i, right, top + pitch * i + H) for i in range(lines)]


def cell(column: int, row: int, width: float = 60) -> Rect:
    return (20 + 150.0 * column, 20 + PITCH * row, 20 + 150.0 * column + width, 20 + PITCH * row + H)


TITLE: Rect = (40, 10, 760, 50)
LEFT, RIGHT = column(40, 380, 80, 12), column(420, 760, 80, 12)
THREE = [*column(20, 260, 90, 9), *column(280, 520, 90, 9), *column(540, 780, 90, 9)]
SECOND = [*column(40, 380, 500, 6), *column(420, 760, 500, 6)]

# What is read, in its order.
ORDERS: dict[str, list[Rect]] = {
    "nothing": [],
    "one line": [TITLE],
    "a column": LEFT,
    "two columns": [*LEFT, *RIGHT],
    "two columns that are not level": [*LEFT, *column(420, 760, 91, 11)],
    "a title over two columns": [TITLE, *LEFT, *RIGHT],
    "columns, a heading through both, columns": [*LEFT, *RIGHT, (40, 455, 760, 480), *SECOND],
    "three columns": THREE,
    "a title and a date over the middle of three columns": [(290, 10, 510, 40), (300, 50, 480, 68), *THREE],
    "a running head over two columns": [(40, 10, 90, 30), (700, 10, 760, 30), *LEFT, *RIGHT],
    "a page number between two columns": [*LEFT, *RIGHT, (393, 470, 407, 490)],
    "headings of two columns": [(40, 40, 200, 70), *LEFT, (420, 40, 600, 70), *RIGHT],
    "notes below the first column": [*LEFT, (40, 470, 380, 490), *RIGHT],
    "a table": [cell(c, r) for r in range(8) for c in range(4)],
    "a receipt": [
        rect for r in range(9) for rect in ((20, 40 * r, 200, 40 * r + H), (400, 40 * r + 3, 450, 40 * r + H))
    ],
    "a form beside prose": [*(cell(0, r) for r in range(3)), (20, 200, 300, 220)],
}


@pytest.mark.parametrize("name", ORDERS)
def test_order(name: str) -> None:
    rects = ORDERS[name]
    for seed in range(3):
        shuffled = np.random.default_rng(seed).permutation(len(rects))
        found, _ = order([rects[i] for i in shuffled])
        assert [int(shuffled[i]) for i in found] == list(range(len(rects)))


def places(rects: Sequence[Rect], which: int) -> list[int]:
    return [place[which] for place in order(rects)[1]]


def test_columns_are_blocks() -> None:
    assert places([TITLE, *LEFT, *RIGHT], 0) == [0] + [1] * 12 + [2] * 12


def test_white_parts_blocks() -> None:
    assert places([*column(40, 380, 80, 4), *column(40, 380, 260, 4)], 0) == [0] * 4 + [1] * 4


def test_rows_of_a_table() -> None:
    rects = ORDERS["a table"]
    assert places(rects, 2) == [r for r in range(8) for _ in range(4)]
    assert places(rects, 0) == [0] * 32


@pytest.mark.parametrize(
    ("change", "paragraphs"),
    [
        ({}, [0] * 8),
        ({4: (60.0, 380.0)}, [0] * 4 + [1] * 4),  # an indent
        ({3: (40.0, 150.0)}, [0] * 4 + [1] * 4),  # a short last line
        ({3: (40.0, 350.0)}, [0] * 8),
    ],
)
def test_paragraphs(change: dict[int, tuple[float, float]], paragraphs: list[int]) -> None:
    rects = column(40, 380, 80, 8)
    for line, (left, right) in change.items():
        rects[line] = (left, rects[line][1], right, rects[line][3])
    assert places(rects, 1) == paragraphs


def test_white_parts_paragraphs() -> None:
    rects = [*column(40, 380, 80, 4), *column(40, 380, 212, 4)]
    assert places(rects, 1) == [0] * 4 + [1] * 4
    assert places(rects, 0) == [0] * 8


@pytest.mark.parametrize("count", [300, 1000, 20000])
def test_many_lines_take_no_time(count: int) -> None:
    rng = np.random.default_rng(0)
    corners = rng.uniform(0, 3000, (count, 2))
    rects = np.concatenate([corners, corners + np.array([200, 20])], 1)
    found, placed = order(rects.tolist())
    assert sorted(found) == list(range(count))
    assert all(a <= b for one, after in pairwise(placed) for a, b in zip(one, after, strict=True))
