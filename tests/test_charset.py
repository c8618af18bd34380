"""The charset: English is printable ASCII, and encoding and decoding are inverse."""

from __future__ import annotations

import pytest

from bitocr.errors import UsageError
from bitocr.lab.data.charset import ENGLISH, Charset


def test_english_is_printable_ascii() -> None:
    assert "".join(chr(code) for code in range(32, 127)) == ENGLISH
    assert Charset().classes == 96


def test_round_trip() -> None:
    charset = Charset()
    assert charset.decode(charset.encode(ENGLISH)) == ENGLISH
    assert charset.encode("AB") == [34, 35]
    assert charset.decode([0, 34, 0, 34]) == "AA"


@pytest.mark.parametrize("text", ["caf\u00e9", "tab\t", "\u4e2d"])
def test_unknown_character(text: str) -> None:
    assert not Charset().covers(text)
    with pytest.raises(UsageError, match="has no"):
        Charset().encode(text)


@pytest.mark.parametrize("characters", ["", "aba"])
def test_bad_charset(characters: str) -> None:
    with pytest.raises(UsageError, match="only once"):
        Charset(characters)
