"""What kinds of errors a reading has: letters in the wrong case, marks, spaces, and other characters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Literal

Kind = Literal["case", "mark", "space", "letter"]
KINDS: tuple[Kind, ...] = ("case", "mark", "space", "letter")

# An edit costs this, and a little more the less alike two exchanged characters are: of all ways to turn one text into
# the other in the fewest edits, that is one of those that people would see.
_EDIT = 1 << 20
_UNLIKE: dict[Kind, int] = {"case": 0, "letter": 1, "mark": 1, "space": 1}


def count_edits(truth: str, reading: str) -> Counter[Kind]:
    """The fewest edits that turn the truth into the reading, counted by kind.

    case: a letter is exchanged for its other case. space: white space is missing, too much, or stands for another
    character, or another for it. mark: the same of what is no letter, digit or space. letter: of letters and digits.
    """
    return Counter(_kind(a, b) for a, b in _pairs(truth, reading) if a != b)


def _kind(a: str, b: str) -> Kind:
    """The kind of an edit; a missing character is the empty string."""
    if a.casefold() == b.casefold():
        return "case"
    both = a + b
    if any(c.isspace() for c in both):
        return "space"
    return "letter" if both.isalnum() else "mark"


def _cost(a: str, b: str) -> int:
    if a == b:
        return 0
    is_mixed = bool(a and b) and a.isalnum() != b.isalnum()
    return _EDIT + _UNLIKE[_kind(a, b)] + is_mixed


def _pairs(truth: str, reading: str) -> Iterator[tuple[str, str]]:
    """The characters that stand for each other in the cheapest alignment, from the last to the first."""
    table = _costs(truth, reading)
    i, j = len(truth), len(reading)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + _cost(truth[i - 1], reading[j - 1]):
            i, j = i - 1, j - 1
            yield truth[i], reading[j]
        elif i and table[i][j] == table[i - 1][j] + _cost(truth[i - 1], ""):
            i -= 1
            yield truth[i], ""
        else:
            j -= 1
            yield "", reading[j]


def _costs(truth: str, reading: str) -> list[list[int]]:
    """[i][j]: the cost of turning the first i characters of the truth into the first j of the reading."""
    row = [0]
    for b in reading:
        row.append(row[-1] + _cost("", b))
    table = [row]
    for a in truth:
        above, row = row, [row[0] + _cost(a, "")]
        for j, b in enumerate(reading, 1):
            row.append(min(above[j - 1] + _cost(a, b), above[j] + _cost(a, ""), row[-1] + _cost("", b)))
        table.append(row)
    return table
