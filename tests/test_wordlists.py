"""The frozen word lists: frequencies of words, and one line about a wrong folder or file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from bitocr.errors import UsageError
from bitocr.lab.data.wordlists import VARIABLE, languages, top_words, word_frequencies

CUT = "cs da de es fi fr hu it ms nb nl pl pt ro sk sv tr".split()
LIST = gzip.compress("# a comment\n30\tfish\n60\tblue 00 5 red\n100\tmer\u202fbleue\n".encode())


def own_lists(folder: Path, monkeypatch: pytest.MonkeyPatch, **lists: bytes) -> None:
    """Makes `folder` the folder of word lists, with these lists in it."""
    monkeypatch.setenv(VARIABLE, str(folder))
    for language, data in lists.items():
        (folder / f"{language}.txt.gz").write_bytes(data)


def test_the_frozen_lists() -> None:
    assert languages() == sorted([*CUT, "en", "zh"])
    assert len(word_frequencies("en")) == 321_180
    assert len(word_frequencies("zh")) == 334_609
    assert top_words("en", 5) == ["the", "to", "and", "of", "a"]
    assert word_frequencies("en")["the"] == 10**-1.27


@pytest.mark.parametrize("language", CUT)
def test_lists_of_the_most_frequent_words(language: str) -> None:
    found = word_frequencies(language)
    assert 20_000 == len(top_words(language, 20_000)) < len(found) < 20_100
    assert sorted(found.values(), reverse=True) == list(found.values())


def test_frequencies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_lists(tmp_path, monkeypatch, fish=LIST)
    frequencies = {"fish": 10**-0.3, "blue": 10**-0.6, "00": 10**-0.6, "5": 10**-0.6, "red": 10**-0.6}
    assert languages() == ["fish"]
    assert list(word_frequencies("fish").items()) == [*frequencies.items(), ("mer\u202fbleue", 0.1)]
    assert top_words("fish", 3) == ["fish", "blue", "5"]
    assert len(top_words("fish", 100)) == 5


@pytest.mark.parametrize("language", ["klingon", "", "../fish", "fish.txt.gz"])
def test_languages_without_a_list(language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_lists(tmp_path, monkeypatch, fish=LIST, da=LIST)
    with pytest.raises(UsageError, match=f"has no words of '{language}': choose from da, fish$"):
        word_frequencies(language)


@pytest.mark.parametrize("folder", ["", "missing"])
def test_no_lists(folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_lists(tmp_path / folder, monkeypatch)
    with pytest.raises(UsageError, match=r"^no word lists in .*: set BITOCR_WORDLISTS to the folder wordlists of "):
        word_frequencies("en")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"30\tfish\n", "a damaged gzip file"),
        (LIST[:-9], "a damaged gzip file"),
        (LIST[:30] + bytes([LIST[30] ^ 255]) + LIST[31:], "a damaged gzip file"),
        (b"", "no words in it"),
        (gzip.compress(b"# none\n"), "no words in it"),
        (gzip.compress(b"30\tfi\xffsh\n"), "not UTF-8 text"),
        (gzip.compress(b"30\tfish\n-60\tred\n"), "line 2: expected a number, a tab, and words"),
        (gzip.compress(b"30\tfish\n60\n"), "line 2"),
        (gzip.compress(b"30\tblue  fish\n"), "line 1"),
        (gzip.compress(b"30 fish\n"), "line 1"),
        (gzip.compress(b"9" * 5000 + b"\tfish\n"), "line 1"),
    ],
)
def test_damaged_lists(data: bytes, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own_lists(tmp_path, monkeypatch, fish=data)
    with pytest.raises(UsageError, match=message) as raised:
        word_frequencies("fish")
    assert str(raised.value).startswith(str(tmp_path / "fish.txt.gz"))
    assert "\n" not in str(raised.value)
