"""Draws lines of running Chinese from open-gram: `python -m bitocr.lab.ngram.opengram FOLDER LINES > lines.txt`.

open-gram is a word trigram model with back-off, counted on Chinese web pages: the data of the input method SunPinyin.
FOLDER holds the data of Debian's package sunpinyin-data (CC BY-SA 3.0, Kov Chai, virus huo, Tinyfool and MDBG):

    lm_sc.t3g       the n-grams: four tables, from the empty history to word trigrams, sorted by history, then by word
    pydict_sc.bin   the words, at the end of the file

Lines drawn from the model have the statistics of those pages, also across words.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

LONGEST = 24
_ENDS = frozenset("。！？；…")
_BATCH = 20_000
_TRIES = 20
_PROBABILITIES, _BACKOFFS = 1 << 16, 1 << 14


@dataclass(frozen=True)
class Level:
    """The k n-grams of one length.

    word: [k] the number of the last word; sums: [k + 1] cumulative probabilities; first: [k] the words that follow
    n-gram i are `first[i]` to `first[i + 1]` in the next level (unused for the longest n-grams); shorter: [k] the
    n-gram to back off to, as (length, index); keys: [k] ascending, the history in the level before and the word.
    """

    word: Array
    sums: Array
    first: Array
    shorter: tuple[Array, Array]
    keys: Array


def read_levels(path: Path, is_word: Array) -> list[Level]:
    """Reads the tables of lm_sc.t3g (little-endian); `is_word` [words] says which words may be drawn."""
    data = path.read_bytes()
    order = int(np.frombuffer(data, "<u4", 1)[0])
    sizes = np.frombuffer(data, "<u4", order + 1, 8)
    at = 8 + 4 * (order + 1)
    values = np.frombuffer(data, "<f4", _PROBABILITIES, at)
    at += 4 * (_PROBABILITIES + _BACKOFFS)
    out: list[Level] = []
    for length, size in enumerate(map(int, sizes)):
        columns = 3 if length < order else 2
        table = np.frombuffer(data, "<u4", size * columns, at).reshape(size, columns)
        out.append(_level(table, values, is_word, out[-1].first if out else np.array([0, size])))
        at += table.nbytes
    return out


def _level(table: Array, values: Array, is_word: Array, before: Array) -> Level:
    """Reads the bit fields of a table.

    They are 18 bits of word, 14 of back-off weight, 16 of probability, 23 for the first follower, and for the n-gram to
    back off to, 23 of index and 2 of length. The longest n-grams have neither weight nor followers.
    """
    head, tail = table[:, 0], table[:, -1]
    word = (head & 0x3FFFF).astype(np.int64)
    if table.shape[1] == 3:
        value, first = table[:, 1] & 0xFFFF, (tail >> 25 & 0x7F) << 16 | table[:, 1] >> 16
    else:
        value, first = (tail >> 25 & 3) << 14 | head >> 18, np.zeros_like(head)
    sums = np.concatenate(([0.0], np.cumsum(values[value] * is_word[np.minimum(word, len(is_word) - 1)], dtype=float)))
    history = np.searchsorted(before, np.arange(len(word)), side="right") - 1
    shorter = ((tail >> 23 & 3).astype(np.int64), (tail & 0x7FFFFF).astype(np.int64))
    return Level(word, sums, first.astype(np.int64), shorter, history << 18 | word)


def read_words(path: Path) -> list[str]:
    """The words of pydict_sc.bin by number; "" if a number has no word."""
    data = path.read_bytes()
    count, _, at = np.frombuffer(data, "<u4", 3)
    return data[int(at) :].decode("utf-32-le").split("\0")[: int(count)]


class OpenGram:
    """`OpenGram(folder).lines(rng, count)` draws lines of up to LONGEST characters and a word, or to a full stop."""

    def __init__(self, folder: Path) -> None:
        words = read_words(folder / "pydict_sc.bin")
        self.words = np.array(words, dtype=object)
        self.levels = read_levels(folder / "lm_sc.t3g", np.array([word != "" for word in words]))
        self.start = int(np.searchsorted(self.levels[1].word[:-1], words.index("。")))

    def lines(self, rng: np.random.Generator, count: int) -> list[str]:
        texts = [""] * count
        going = np.arange(count)
        length, index = np.ones(count, np.int64), np.full(count, self.start)
        while len(going):
            length, index, word = self._step(rng, length, index)
            for i, added in zip(going.tolist(), self.words[word].tolist(), strict=True):
                texts[i] += added
            on = np.array([len(texts[i]) < LONGEST and texts[i][-1] not in _ENDS for i in going.tolist()])
            going, length, index = going[on], length[on], index[on]
        return texts

    def _step(self, rng: np.random.Generator, length: Array, index: Array) -> tuple[Array, Array, Array]:
        """Draws the next word [lines] for each history [lines], and returns the longer histories and these words."""
        state, longer = np.stack((length, index)), np.zeros((2, len(index)), np.int64)
        word = np.zeros_like(index)
        waiting = np.ones(len(index), bool)
        for n in range(len(self.levels) - 1, -1, -1):
            at = np.flatnonzero(waiting & (state[0] == n))
            found = self._draw(rng, n, state[1][at], longer[:, at])
            hit, miss = at[found >= 0], at[found < 0]
            longer[:, miss] = state[:, miss]
            state[:, miss] = np.stack(self.levels[n].shorter)[:, state[1][miss]]
            if len(hit):
                state[:, hit] = np.stack((np.full(len(hit), n + 1), found[found >= 0]))
                word[hit], waiting[hit] = self.levels[n + 1].word[state[1][hit]], False
        return state[0], state[1], word

    def _draw(self, rng: np.random.Generator, n: int, index: Array, longer: Array) -> Array:
        """Draws for each history of n words an n-gram that continues it; -1 where back-off to a shorter one is due.

        After back-off, draws again if the longer history lists the word itself.
        """
        found = np.full(len(index), -1)
        if n + 1 == len(self.levels):
            return found
        redraw = np.arange(len(index))
        for _ in range(_TRIES):
            found[redraw] = self._pick(rng, n, index[redraw])
            redraw = redraw[self._is_listed(longer[:, redraw], self.levels[n + 1].word[found[redraw]])]
        return found

    def _pick(self, rng: np.random.Generator, n: int, index: Array) -> Array:
        sums, first = self.levels[n + 1].sums, self.levels[n].first
        low, high = sums[first[index]], sums[first[index + 1]]
        drawn = low + rng.random(len(index)) * (1.0 if n else high - low)
        return np.where(drawn < high, np.searchsorted(sums, drawn, side="right") - 1, -1)

    def _is_listed(self, history: Array, word: Array) -> Array:
        out = np.zeros(len(word), bool)
        for n in range(1, len(self.levels) - 1):
            at = np.flatnonzero(history[0] == n)
            keys, wanted = self.levels[n + 1].keys, history[1][at] << 18 | word[at]
            out[at] = keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted
        return out


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("lines", type=int)
    arguments = parser.parse_args(argv)
    try:
        source = OpenGram(arguments.folder)
    except (OSError, ValueError, IndexError) as error:
        sys.exit(f"{parser.prog}: {arguments.folder}: open-gram's files are missing or damaged: {error}")
    rng = np.random.default_rng(0)
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    for done in range(0, arguments.lines, _BATCH):
        print("\n".join(source.lines(rng, min(_BATCH, arguments.lines - done))))


if __name__ == "__main__":
    main()
