"""The characters of words, which are made when they are needed."""

from __future__ import annotations

import pickle
from array import array

import pytest

from bitocr.page import Block, Char, Chars, Line, Page, Quad, Word, moved


def quad(left: float) -> Quad:
    return (left, 2.0), (left + 8, 2.0), (left + 8, 18.0), (left, 18.0)


CHARS = tuple(Char(char, 0.5, quad(10.0 * i)) for i, char in enumerate("a中b"))
VALUES = array("f", [value for char in CHARS for value in (char.score, *(x for point in char.quad for x in point))])
LAZY = Chars("a中b", VALUES)


def test_they_are_a_sequence() -> None:
    assert len(LAZY) == 3
    assert (LAZY[1], LAZY[-1], LAZY[1:]) == (CHARS[1], CHARS[2], CHARS[1:])
    assert list(LAZY) == list(CHARS)
    assert CHARS[2] in LAZY
    with pytest.raises(IndexError):
        LAZY[3]


def test_they_equal_a_tuple() -> None:
    assert LAZY == CHARS
    assert CHARS[:2] != LAZY
    assert LAZY != "a中b"
    assert Word("a中b", 0.5, quad(0), LAZY) == Word("a中b", 0.5, quad(0), CHARS)
    assert hash(LAZY) == hash(CHARS)
    assert repr(LAZY) == repr(CHARS)
    assert pickle.loads(pickle.dumps(LAZY)) == CHARS


@pytest.mark.parametrize("chars", [CHARS, LAZY])
def test_they_move_with_their_page(chars: tuple[Char, ...] | Chars) -> None:
    line = Line("a中b", 0.5, quad(0), (Word("a中b", 0.5, quad(0), chars),))
    page = moved(Page(blocks=(Block(quad(0), (line,)),)), lambda x, y: (x + 1, y / 2))
    found = page.lines[0].words[0].chars
    assert [char.quad[0] for char in found] == [(1, 1), (11, 1), (21, 1)]
    assert [(char.char, char.score) for char in found] == [("a", 0.5), ("中", 0.5), ("b", 0.5)]
