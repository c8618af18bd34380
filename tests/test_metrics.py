"""Normalisation, edit distance and the figures that `bitocr eval` prints."""

from __future__ import annotations

import random

import pytest

from bitocr.inspect.edits import count_edits
from bitocr.inspect.metrics import Score, edit_distance, normalise_line, normalise_scene, score


@pytest.mark.parametrize(
    ("text", "scene", "line"),
    [
        ("PRIVATE", "private", "private"),
        ("Life's 24/7", "lifes247", "life's24/7"),
        ("  A\tB\u00a0C\u3000D ", "abcd", "abcd"),
        ("café", "caf", "café"),
        ("cafe\u0301", "cafe", "café"),
        ("ＡＢ１", "", "ab1"),
        ("ﬁn①", "n", "fin1"),
        ("\u212a\u0130", "", "k\u0069\u0307"),  # the Kelvin sign and dotted I are no ASCII letters
        ("---", "", "---"),
        ("", "", ""),
    ],
)
def test_normalise(text: str, scene: str, line: str) -> None:
    assert normalise_scene(text) == scene
    assert normalise_line(text) == line


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [
        ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("kitten", "sitting", 3),
        ("flaw", "lawn", 2), ("ab", "ba", 2), ("a" * 50, "b" * 50, 50), ("0123456789", "123456789", 1),
    ],
)  # fmt: skip
def test_edit_distance(a: str, b: str, distance: int) -> None:
    assert edit_distance(a, b) == edit_distance(b, a) == distance


def test_edit_distance_is_bounded_by_the_edits_made() -> None:
    rng = random.Random(0)
    for _ in range(200):
        text = [rng.choice("abc") for _ in range(rng.randrange(1, 12))]
        edited = list(text)
        edits = rng.randrange(4)
        for _ in range(edits):
            at = rng.randrange(len(edited) + 1)
            edited[at : at + rng.randrange(2)] = [rng.choice("abc")] * rng.randrange(2)
        assert abs(len(text) - len(edited)) <= edit_distance("".join(text), "".join(edited)) <= edits


def test_score() -> None:
    pairs = [("Hello", "hello!"), ("WORLD", "word"), ("...", "x"), ("ab", "")]
    assert score(pairs, "scene") == Score(n=3, correct=1, edits=3, characters=12)
    assert score(pairs, "line") == Score(n=4, correct=0, edits=1 + 1 + 3 + 2, characters=15)
    assert score(pairs, "scene").accuracy == pytest.approx(1 / 3)
    assert score(pairs, "scene").cer == pytest.approx(3 / 12)


EDITS: list[tuple[str, str, dict[str, int]]] = [
    ("same", "same", {}),
    ("Gate 12 closes", "Gate 12 closES", {"case": 2}),
    ("Hello World", "HELLOWorld", {"case": 4, "space": 1}),
    ("9.99", "999", {"mark": 1}),
    ("its", "it's", {"mark": 1}),
    ("a b", "a.b", {"space": 1}),
    ("x - y", "x-y", {"space": 2}),
    ("I am", "l am", {"letter": 1}),
    ("AB", "b", {"case": 1, "letter": 1}),  # not two letters
    ("A.B", "a B", {"case": 1, "space": 1}),
    ("£9", "E9", {"mark": 1}),
    ("日本", "日木", {"letter": 1}),
    ("", "0 0.", {"letter": 2, "space": 1, "mark": 1}),
    ("Ab", "", {"letter": 2}),
]


@pytest.mark.parametrize(("truth", "reading", "expected"), EDITS)
def test_kinds_of_edits(truth: str, reading: str, expected: dict[str, int]) -> None:
    assert count_edits(truth, reading) == expected
    assert count_edits(reading, truth) == expected


def test_edits_of_all_kinds_are_the_edit_distance() -> None:
    rng = random.Random(0)
    for _ in range(300):
        a, b = ("".join(rng.choice("aAbB1. ") for _ in range(rng.randrange(9))) for _ in range(2))
        assert sum(count_edits(a, b).values()) == edit_distance(a, b)


def test_the_exact_protocol() -> None:
    pairs = [("Cafe\u0301", "Café"), ("Ab c", "ab, c"), ("", ""), ("", "0 0"), (" ", "")]
    found = score(pairs, "exact")
    assert (found.n, found.correct, found.edits, found.characters) == (5, 2, 6, 9)
    assert (found.letters, found.empty, found.invented) == (7, 2, 1)
    assert found.kinds == {"case": 1, "mark": 1, "space": 2, "letter": 2}
    assert score([("", "ab")], "exact").cer == 2
    assert score([("", "ab")], "line") == Score(0, 0, 0, 0)


def test_nothing_to_score() -> None:
    empty = score([("--", "a")], "scene")
    assert (empty.n, empty.accuracy, empty.cer) == (0, 0.0, 0.0)
