"""Chinese words by frequency for a charset, and words that contain a given character."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np

from bitocr.lab.data.synth.chance import happens, pick
from bitocr.lab.data.synth.words import WordList
from bitocr.lab.data.wordlists import word_frequencies

Rng = np.random.Generator

VOCABULARY = 200_000
LONGEST = 8


class ChineseWords:
    """Words that a charset can write.

    running: words as frequent as in text; flat: rare words more often, as in names, headlines and signs; short: words
    of two characters, for names of shops and places; hanzi: all hanzi of the charset.
    """

    def __init__(self, characters: str) -> None:
        words, frequencies = _ranked(frozenset(characters))
        self.running = WordList(words, frequencies, 0.92)
        self.flat = WordList(words, frequencies, 0.55)
        two = np.array([len(word) == 2 for word in words])
        self.short = WordList(tuple(word for word in words if len(word) == 2) or words,
                              frequencies[two] if two.any() else frequencies, 0.6)  # fmt: skip
        self.hanzi = [character for character in characters if is_hanzi(character)]
        self.signs = [character for character in characters if not character.isascii() and not is_hanzi(character)]
        self._having = _words_having(words)

    def with_rare(self, rng: Rng) -> str:
        """A hanzi of the charset, all equally likely, mostly inside a word that contains it."""
        character = pick(rng, self.hanzi)
        words = self._having.get(character)
        return pick(rng, words) if words and happens(rng, 0.7) else character


def is_hanzi(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or character >= "\U00020000"


@lru_cache(maxsize=4)
def _ranked(characters: frozenset[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """The most frequent words made only of the charset's hanzi, and their frequencies."""
    allowed = frozenset(filter(is_hanzi, characters))
    table = word_frequencies("zh")
    found = [(word, f) for word, f in table.items() if len(word) <= LONGEST and allowed.issuperset(word)]
    # If the charset makes no word, take its hanzi themselves.
    found = found or [(character, 1.0) for character in sorted(allowed)] or [("1", 1.0)]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    return tuple(word for word, _ in found[:VOCABULARY]), np.array([f for _, f in found[:VOCABULARY]])


@lru_cache(maxsize=4)
def _words_having(words: tuple[str, ...]) -> dict[str, list[str]]:
    """Up to `_MOST` longer words for each character that they contain, the most frequent first."""
    having: dict[str, list[str]] = defaultdict(list)
    for word in words:
        if len(word) > 1:
            for character in word:
                if len(having[character]) < _MOST:
                    having[character].append(word)
    return dict(having)


_MOST = 30
