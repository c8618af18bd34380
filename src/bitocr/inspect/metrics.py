"""How well text was read: exact matches and CER, the character error rate, after the normalisation of a protocol."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_ALPHANUMERIC = frozenset(string.ascii_letters + string.digits)


def normalise_scene(text: str) -> str:
    """The scene-text protocol: ASCII letters and digits only, lower-cased."""
    return "".join(c for c in text if c in _ALPHANUMERIC).lower()


def normalise_line(text: str) -> str:
    """The document-line protocol: NFKC, lower-cased, all white space dropped."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


PROTOCOLS: dict[str, Callable[[str], str]] = {"scene": normalise_scene, "line": normalise_line}


def edit_distance(a: str, b: str) -> int:
    """Levenshtein's: the fewest insertions, deletions and substitutions that turn `a` into `b`."""
    if len(a) < len(b):
        a, b = b, a
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


@dataclass(frozen=True)
class Score:
    """The sums over a set of images from which its figures follow."""

    n: int
    correct: int
    edits: int
    characters: int

    @property
    def accuracy(self) -> float:
        """The share of images read without any error, 0 to 1."""
        return self.correct / self.n if self.n else 0.0

    @property
    def cer(self) -> float:
        """Edits over all images divided by the reference characters of all images; it may exceed 1."""
        return self.edits / self.characters if self.characters else 0.0


def score(pairs: Iterable[tuple[str, str]], protocol: str) -> Score:
    """Scores (truth, reading) pairs. Truths of which the protocol leaves nothing are not counted."""
    normalise = PROTOCOLS[protocol]
    n = correct = edits = characters = 0
    for truth, reading in pairs:
        reference, hypothesis = normalise(truth), normalise(reading)
        if not reference:
            continue
        distance = edit_distance(reference, hypothesis)
        n, correct = n + 1, correct + (distance == 0)
        edits, characters = edits + distance, characters + len(reference)
    return Score(n, correct, edits, characters)
