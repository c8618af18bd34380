"""Scores of readings: exact matches and CER, the character error rate, after the normalisation of a protocol."""

from __future__ import annotations

import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bitocr.inspect.edits import Kind, count_edits

_ALPHANUMERIC = frozenset(string.ascii_letters + string.digits)


def normalise_scene(text: str) -> str:
    """The scene-text protocol: ASCII letters and digits only, lower-cased."""
    return "".join(c for c in text if c in _ALPHANUMERIC).lower()


def normalise_line(text: str) -> str:
    """The document-line protocol: NFKC, lower-cased, all white space dropped."""
    return "".join(unicodedata.normalize("NFKC", text).lower().split())


def normalise_exact(text: str) -> str:
    """The exact protocol: NFC, so that an accent may be a character of its own, and nothing folded or dropped."""
    return unicodedata.normalize("NFC", text)


EXACT = "exact"
PROTOCOLS: dict[str, Callable[[str], str]] = {
    "scene": normalise_scene,
    "line": normalise_line,
    EXACT: normalise_exact,
}


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
    # The rest is under the exact protocol: the edits by their kind, letters that have two cases, images without text,
    # and in how many of these something was read.
    kinds: Counter[Kind] = field(default_factory=Counter)
    letters: int = 0
    empty: int = 0
    invented: int = 0

    @property
    def accuracy(self) -> float:
        """The share of images read without any error, 0 to 1."""
        return self.correct / self.n if self.n else 0.0

    @property
    def cer(self) -> float:
        """Edits over all images divided by the reference characters of all images; it may exceed 1."""
        return self.edits / max(self.characters, 1)


def score(pairs: Iterable[tuple[str, str]], protocol: str) -> Score:
    """Scores (truth, reading) pairs.

    Truths that are empty after normalisation are not counted. Under the exact protocol they are: any text read there
    is wrong.
    """
    normalise, is_exact = PROTOCOLS[protocol], protocol == EXACT
    n = correct = edits = characters = letters = empty = invented = 0
    kinds: Counter[Kind] = Counter()
    for truth, reading in pairs:
        reference, hypothesis = normalise(truth), normalise(reading)
        if not reference:
            if not is_exact:
                continue
            empty, invented = empty + 1, invented + bool(hypothesis)
        distance = edit_distance(reference, hypothesis)
        n, correct = n + 1, correct + (distance == 0)
        edits, characters = edits + distance, characters + len(reference)
        if is_exact:
            letters += sum(c.lower() != c.upper() for c in reference)
            kinds += count_edits(reference, hypothesis) if distance else Counter()
    return Score(n, correct, edits, characters, kinds, letters, empty, invented)
