"""Turns weighted texts into n-grams with probabilities and back-off weights.

An n-gram is a `str` of symbols (symbols.py). It predicts its last symbol from those before. Probabilities use
interpolated Witten-Bell smoothing (Witten and Bell, 1991). If c follows h N(hc) times, and T(h) different symbols
follow h, then

    P(c | h) = (N(hc) + T(h) P(c | h')) / (N(h) + T(h))            h' is h without its first symbol

Below an empty h, each symbol has the probability 1 / (number of symbols). The n-grams are kept whose loss would raise
the cost of the texts most (after Stolcke, 1998): N(hc) * |ln P(c | h) - ln of the back-off probability|.

All n-grams of one length form a `Level` of arrays, so that millions take seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bitocr.errors import UsageError

TEXTS = 3_000_000  # counts are scaled to this many texts; a larger number gives rare n-grams more weight

Array = np.ndarray[Any, np.dtype[Any]]
Values = dict[str, float]
NodeSize = Callable[[Array, Array], Array]
"""Gives the bytes of n-grams in the file, from their lengths and whether each is the first child of its parent."""


@dataclass(frozen=True)
class Ngrams:
    """The probabilities of the kept n-grams, and the back-off weights (at most 1) of those that have children."""

    order: int
    probabilities: Values
    backoffs: Values

    def probability(self, h: str, c: str) -> float:
        """P(c | h), with back-off if hc was not kept."""
        p = 1.0
        while h and h + c not in self.probabilities:
            p *= self.backoffs.get(h, 1.0)
            h = h[1:]
        return p * self.probabilities[h + c]


@dataclass
class Level:
    """All n-grams of one length.

    keys: [k] the symbols as the digits of a number, ascending. counts: [k] how often each n-gram occurs. parent,
    suffix: [k] the indices, in the level before, of the n-gram without its last and without its first symbol.
    `estimate` fills in probability, [k] P(c | h), and left, the probability left for back-off after each n-gram of the
    level before.
    """

    keys: Array
    counts: Array
    parent: Array
    suffix: Array
    probability: Array = field(default_factory=lambda: np.zeros(0))
    left: Array = field(default_factory=lambda: np.zeros(0))


def bits_of(symbols: int) -> int:
    """The bits of a key per symbol."""
    return (symbols - 1).bit_length()


def count(texts: Mapping[str, float], symbols: int, order: int) -> list[Level]:
    """Counts the n-grams of up to `order` symbols. The end symbol before a text only begins n-grams.

    The first level has all symbols. Raises UsageError if there are too many symbols for that order.
    """
    bits = bits_of(symbols)
    if bits * order > 64:
        raise UsageError(f"n-grams of {order} symbols are too long for {symbols:,} symbols: use at most {64 // bits}")
    letters, weight, place = spread(texts)
    first = np.bincount(letters[place > 0].astype(np.int64), weight[place > 0], symbols)
    none = np.zeros(symbols, np.int64)
    levels, keys = [Level(np.arange(symbols, dtype=np.uint64), first, none, none)], letters
    for n in range(2, order + 1):
        # The keys of the n symbols that end here, even across texts.
        keys = np.roll(keys, 1) << np.uint64(bits) | letters
        inside = place >= n - 1
        levels.append(longer(levels[-1], keys[inside], weight[inside], bits, n))
    return levels


def spread(texts: Mapping[str, float]) -> tuple[Array, Array, Array]:
    """The symbols of all texts, concatenated; for each, the weight of its text and its place in the text."""
    letters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint64)
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    weights = np.fromiter(texts.values(), float, len(texts))
    place = np.arange(len(letters)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return letters, np.repeat(weights / weights.sum() * TEXTS, lengths), place


def longer(before: Level, keys: Array, weight: Array, bits: int, n: int) -> Level:
    """The level of n-grams of n symbols, from the keys at all places."""
    found, which = np.unique(keys, return_inverse=True)
    parent = np.searchsorted(before.keys, found >> np.uint64(bits))
    suffix = np.searchsorted(before.keys, found & np.uint64((1 << bits * (n - 1)) - 1))
    return Level(found, np.bincount(which, weight, len(found)), parent, suffix)


def estimate(levels: list[Level]) -> None:
    """Fills in the probabilities, before any n-gram is dropped."""
    shorter = np.full(1, 1 / len(levels[0].keys))
    for level in levels:
        totals = np.bincount(level.parent, level.counts, len(shorter))
        types = np.bincount(level.parent, level.counts > 0, len(shorter))
        level.left = np.divide(types, totals + types, out=np.ones_like(totals), where=types > 0)
        share = np.divide(level.counts, totals[level.parent], out=np.zeros_like(level.counts), where=level.counts > 0)
        left = level.left[level.parent]
        shorter = level.probability = (1 - left) * share + left * shorter[level.suffix]


def most_useful(levels: list[Level], size: NodeSize, room: float) -> list[Array]:
    """Selects the most useful n-grams that fit with their prefixes into `room` bytes, and all single symbols."""
    gains = [np.zeros(len(level.keys)) for level in levels]
    for n in range(len(levels) - 1, 0, -1):
        level, shorter = levels[n], levels[n - 1]
        without = level.left[level.parent] * shorter.probability[level.suffix]
        gains[n] = np.maximum(gains[n], level.counts * np.abs(np.log(level.probability / without)))
        np.maximum.at(gains[n - 1], level.parent, gains[n])
    starts = np.cumsum([0, *(len(level.keys) for level in levels)])
    length = np.repeat(np.arange(1, len(levels) + 1), np.diff(starts))
    parent = np.concatenate([level.parent + start for level, start in zip(levels, [0, *starts[:-2]], strict=True)])
    gain = np.where(length == 1, np.inf, np.concatenate(gains))
    ranked = np.lexsort((np.concatenate([level.keys for level in levels]), length, -gain))
    is_first = np.zeros(len(ranked), bool)
    is_first[np.unique(np.where(length == 1, -1, parent)[ranked], return_index=True)[1]] = True
    spent = np.cumsum(size(length[ranked], is_first))
    is_kept = length == 1
    is_kept[ranked[: np.searchsorted(spent, room, side="right")]] = True
    return np.split(is_kept, starts[1:-1])


def back_off(levels: list[Level], kept: list[Array]) -> list[Array]:
    """The back-off weight after each n-gram of all levels but the last: probabilities of what follows add up to 1."""
    weights = []
    model = levels[0].probability  # the model of the kept n-grams
    for level, is_kept in zip(levels[1:], kept[1:], strict=True):
        shorter, parent = model[level.suffix], level.parent[is_kept]
        seen = np.bincount(parent, level.probability[is_kept], len(model))
        backed = np.bincount(parent, shorter[is_kept], len(model))
        weights.append(np.minimum(1.0, np.maximum(1 - seen, 1e-6) / np.maximum(1 - backed, 1e-6)))
        model = np.where(is_kept, level.probability, weights[-1][level.parent] * shorter)
    return weights


def named(level: Level, is_wanted: Array, values: Array, bits: int, length: int) -> Values:
    """The values of the wanted n-grams, by their symbols."""
    digits = level.keys[is_wanted][:, None] >> np.arange((length - 1) * bits, -1, -bits, dtype=np.uint64)[None]
    text = (digits & np.uint64((1 << bits) - 1)).astype("<u4").tobytes().decode("utf-32-le", "surrogatepass")
    grams = (text[i : i + length] for i in range(0, len(text), length))
    return dict(zip(grams, values[is_wanted].tolist(), strict=True))


def build(texts: Mapping[str, float], symbols: int, order: int, room: float, size: NodeSize) -> Ngrams:
    """The model of `texts` whose nodes take at most `room` bytes in all. `size` gives the bytes of nodes."""
    levels, bits = count(texts, symbols, order), bits_of(symbols)
    estimate(levels)
    kept = most_useful(levels, size, room)
    model = Ngrams(order, {}, {})
    for n, (level, is_kept) in enumerate(zip(levels, kept, strict=True)):
        model.probabilities.update(named(level, is_kept, level.probability, bits, n + 1))
    for n, weights in enumerate(back_off(levels, kept)):
        begins = np.bincount(levels[n + 1].parent[kept[n + 1]], minlength=len(weights)) > 0
        model.backoffs.update(named(levels[n], begins, weights, bits, n + 1))
    return model
