"""A model's characters, and text as class numbers: class 0 is the CTC blank, class i is `charset[i - 1]`.

A character is one Unicode code point in the composed form NFC: "ä" is one class, however a label file writes it.

Wide and narrow forms are one class with the usual form, as `bitocr.language.unicode_forms.normalise` has it. Other
compatibility characters (①, ℃, …) are classes of their own where a charset has them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from string import printable

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.language.unicode_forms import normalise

BLANK = 0
ENGLISH = "".join(sorted(c for c in printable if c.isprintable()))
"""Printable ASCII: the space and 94 characters, by code point."""

SIGNS = "€£¥°§©®™±×÷½¼¾²³µ•…–—“”‘’"
"""Signs beyond ASCII in English print."""
SETS = {"english": ENGLISH, "english-signs": ENGLISH + SIGNS}
FILES = {"chinese": Path(__file__).parent / "charsets" / "chinese.txt"}
MOST = 65_535
"""The most characters of a model: the engine takes 65,536 classes."""
_UNFIT = {"Cc": "a control character", "Cs": "half of a character", "Zl": "a line break", "Zp": "a line break"}


_COUNTED = re.compile(rf"({'|'.join([*SETS, *FILES])}|.+\.txt):(\d+)", re.DOTALL)


class Charset:
    """Text to classes and back. Encoding a character that is not in the charset raises `UsageError`."""

    def __init__(self, characters: str = ENGLISH) -> None:
        check_characters(characters)
        self.characters = characters
        self._classes = {character: i + 1 for i, character in enumerate(characters)}

    @property
    def classes(self) -> int:
        """Number of classes, the blank included."""
        return len(self.characters) + 1

    def __contains__(self, character: object) -> bool:
        return character in self._classes

    def covers(self, text: str) -> bool:
        return all(character in self._classes for character in text)

    def encode(self, text: str) -> list[int]:
        """'AB' -> [34, 35] for ENGLISH; one class a character, no blanks."""
        try:
            return [self._classes[character] for character in text]
        except KeyError as error:
            raise UsageError(f"the charset has no {error.args[0]!r} (in {text!r})") from None

    def decode(self, classes: Iterable[int]) -> str:
        """The inverse of `encode`; blanks are dropped, repeats are kept (collapse them before)."""
        return "".join(self.characters[i - 1] for i in classes if i != BLANK)


def check_characters(characters: str) -> None:
    """Raises UsageError if these cannot be the characters of a model."""
    if not 0 < len(characters) <= MOST:
        raise UsageError(f"a charset has 1 to {MOST} characters, not {len(characters)}")
    seen: set[str] = set()
    for character in characters:
        if character in seen:
            raise UsageError(f"a charset has each character only once, but {character!r} is there twice")
        if unicodedata.category(character) in _UNFIT:
            raise UsageError(f"{character!r} is {_UNFIT[unicodedata.category(character)]}, which no charset can have")
        if normalise(character) != character:
            what = f"{character!r} (U+{ord(character):04X})"
            raise UsageError(f"{what} is not in the form of labels: write {normalise(character)!r} instead")
        seen.add(character)


def open_charset(value: str) -> Charset:
    """The charset that a recipe names: "english", "english-signs", "chinese", a UTF-8 file (.txt), or the characters.

    A colon and a number after a name or file take that many characters from its beginning: "chinese:2500" is printable
    ASCII, signs and the most frequent hanzi. Line breaks in a file do not count, so a line may hold one character or
    many. A space is a character.

    Raises:
        UsageError: there is no such file, it has fewer characters, or the characters cannot be a charset.
    """
    counted = _COUNTED.fullmatch(value)
    if not counted:
        return Charset(_characters(value))
    characters, count = _characters(counted[1]), int(counted[2])
    if not 0 < count <= len(characters):
        raise UsageError(f"{value}: {counted[1]} has {len(characters)} characters")
    return Charset(characters[:count])


def _characters(value: str) -> str:
    if value in SETS:
        return SETS[value]
    if value not in FILES and not value.endswith(".txt"):
        return normalise(value)
    lines = read_text(FILES.get(value, value)).split("\n")
    # Normalise line by line: a combining accent must not join the letter on the line above.
    characters = "".join(normalise(line) for line in lines)
    try:
        check_characters(characters)
    except UsageError as error:
        raise UsageError(f"{value}: {error}") from None
    return characters
