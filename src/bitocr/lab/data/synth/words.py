"""Words by frequency: English, and some other languages in plain letters, as on signs and in brand names."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bitocr.lab.data.charset import ENGLISH
from bitocr.lab.data.wordlists import word_frequencies

FOREIGN = ("de", "fr", "es", "it", "nl", "pt", "ms", "pl")
VOCABULARY = 100_000
FOREIGN_VOCABULARY = 8_000
LONGEST = 22


class WordList:
    """Words with sampling weights frequency ** temper: 1 is running text, smaller values make rare words likelier."""

    def __init__(self, words: tuple[str, ...], frequencies: np.ndarray, temper: float) -> None:
        self.words = words
        sums = np.cumsum(frequencies**temper)
        self._sums = sums / sums[-1]

    def __call__(self, rng: np.random.Generator) -> str:
        return self.words[min(int(np.searchsorted(self._sums, rng.random())), len(self.words) - 1)]


@lru_cache(maxsize=16)
def _ranked(language: str, count: int) -> tuple[tuple[str, ...], np.ndarray]:
    """The `count` most frequent words of a language that the charset can write, and their frequencies."""
    allowed = set(ENGLISH)
    table = word_frequencies(language)
    found = [(w, f) for w, f in table.items() if len(w) <= LONGEST and allowed.issuperset(w)]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    shown = _capital_i if language == "en" else str
    return tuple(shown(w) for w, _ in found[:count]), np.array([f for _, f in found[:count]])


def _capital_i(word: str) -> str:
    """Capitalises I and I'm, since the lists are in lowercase."""
    return word.replace("i", "I", 1) if word == "i" or word.startswith("i'") else word


def english(temper: float) -> WordList:
    return WordList(*_ranked("en", VOCABULARY), temper)


def foreign(temper: float) -> WordList:
    """A mixture of the languages of FOREIGN with equal shares."""
    lists = [_ranked(language, FOREIGN_VOCABULARY) for language in FOREIGN]
    words = tuple(word for ranked, _ in lists for word in ranked)
    return WordList(words, np.concatenate([f**temper / (f**temper).sum() for _, f in lists]), 1.0)
