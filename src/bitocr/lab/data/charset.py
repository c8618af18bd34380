"""A model's characters, and text as class numbers: class 0 is the CTC blank, class i is `charset[i - 1]`."""

from __future__ import annotations

from collections.abc import Iterable
from string import printable

from bitocr.errors import UsageError

BLANK = 0
ENGLISH = "".join(sorted(c for c in printable if c.isprintable()))
"""Printable ASCII: the space and 94 characters, by code point."""


class Charset:
    """Text to classes and back. Encoding a character that is not in the charset raises `UsageError`."""

    def __init__(self, characters: str = ENGLISH) -> None:
        if not characters or len(set(characters)) != len(characters):
            raise UsageError("a charset needs at least one character and each one only once")
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
