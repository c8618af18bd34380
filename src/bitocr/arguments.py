"""Checks of a reader's arguments: a wrong one gives a message of one line."""

from __future__ import annotations

import operator
from collections.abc import Iterable

from bitocr.errors import UsageError
from bitocr.language.unicode_forms import normalise


def whole(name: str, value: int, least: int, most: int | None = None) -> int:
    """An argument that is a whole number within limits. Raises UsageError."""
    try:
        number = operator.index(value)
    except TypeError:
        number = least - 1
    if number < least or (most is not None and number > most):
        limits = f"from {least} to {most}" if most is not None else f"of {least} or more"
        raise UsageError(f"{name} is a whole number {limits}, not {value!r}")
    return number


def encode_words(words: Iterable[str]) -> bytes:
    """Words in the form that the engine takes. Raises UsageError."""
    if isinstance(words, (str, bytes)) or not isinstance(words, Iterable):
        raise UsageError(f"words is a list of words, not {'a string' if isinstance(words, (str, bytes)) else words!r}")
    words = list(words)
    for word in words:
        if not isinstance(word, str):
            raise UsageError(f"words is a list of words, and {word!r} is not one: write it as a string")
    return "\n".join(map(normalise, words)).encode("utf-8", "replace")
