"""Label files: which lines are labels, and their texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bitocr.errors import UsageError
from bitocr.io.labels import read_labels


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        ("a.png\tone\nsub/b.png\ttwo words\n", [("a.png", "one"), ("sub/b.png", "two words")]),
        ("a.png\tone\ttwo\n", [("a.png", "one\ttwo")]),  # only the first tab parts
        ("a.png\t\n", [("a.png", "")]),
        ("a.png\t two \n", [("a.png", " two ")]),
        ("\na.png\tone\n\n \nb.png\ttwo", [("a.png", "one"), ("b.png", "two")]),
        ("\ufeffa.png\tone\r\nb.png\tä\r\n", [("a.png", "one"), ("b.png", "ä")]),
    ],
)
def test_labels(tmp_path: Path, content: str, labels: list[tuple[str, str]]) -> None:
    path = tmp_path / "labels.tsv"
    path.write_bytes(content.encode())
    assert read_labels(path) == [(tmp_path / name, text) for name, text in labels]
    for limit in (1, 2, 9):
        assert read_labels(path, limit) == [(tmp_path / name, text) for name, text in labels[:limit]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a.png\tone\nb.png two\n", r"labels\.tsv, line 2: expected an image's path, a tab and its text"),
        ("\tone\n", "line 1: expected"),
        ("a\0.png\tone\n", "line 1: expected"),
        ("\n \n", "no labels in it"),
    ],
)
def test_what_is_no_label(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "labels.tsv"
    path.write_text(content)
    with pytest.raises(UsageError, match=message):
        read_labels(path)
