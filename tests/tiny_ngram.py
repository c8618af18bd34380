"""A small n-gram model, and what it must add to a text's rank, computed in Python by engine/src/decode/ngram.h."""

from __future__ import annotations

from functools import lru_cache

from bitocr.lab.data.charset import Charset
from bitocr.lab.ngram.counts import Ngrams, build
from bitocr.lab.ngram.file import UNIT, Weights, cost, dump, node_size
from bitocr.lab.ngram.symbols import END, Symbols

TEXTS = {"ab": 5.0, "ba": 2.0, "abba": 1.0, "a b": 2.0, "aa": 1.0, "b-1": 1.0, "'b": 0.5}
HANZI = "".join(chr(0x4E00 + i) for i in range(300))
WEIGHTS = Weights(weight=0.7, bonus=0.4, case_cost=0.9)
VERSIONS = (1, 2)
TEXTS_OF = {1: TEXTS, 2: TEXTS | {HANZI: 0.2, HANZI[::-1]: 0.1, "a" + HANZI[7] + "b": 1.0}}
SYMBOLS_OF = {1: Symbols(TEXTS), 2: Symbols(TEXTS_OF[2], Charset("ab" + HANZI))}
SYMBOLS = SYMBOLS_OF[1]


@lru_cache
def model(order: int = 3, room: int = 10_000, version: int = 1) -> Ngrams:
    symbols = SYMBOLS_OF[version]
    folded = {symbols.fold(text): weight for text, weight in TEXTS_OF[version].items()}
    return build(folded, symbols.count, order, room, node_size(symbols, order))


@lru_cache
def data(order: int = 3, room: int = 10_000, weights: Weights = WEIGHTS, version: int = 1) -> bytes:
    return dump(model(order, room, version), SYMBOLS_OF[version], weights, "a card")


def cost_after(ngrams: Ngrams, h: str, c: str) -> int:
    """cost(c | h) as defined at the head of ngram.h."""
    if h + c in ngrams.probabilities:
        return cost(ngrams.probabilities[h + c])
    return cost(ngrams.backoffs.get(h, 1.0)) + cost_after(ngrams, h[1:], c) if h else 255


def is_run(text: str) -> bool:
    """Whether it ends in a capital that follows another letter."""
    return len(text) > 1 and text[-1].isupper() and text[-2].isalpha()


def value(ngrams: Ngrams, text: str, weights: Weights = WEIGHTS, version: int = 1) -> float:
    """The model's contribution to the rank of a whole text."""
    folded, total = "".join(map(chr, (END, *(SYMBOLS_OF[version][c] for c in text), END))), 0
    for i in range(1, len(folded)):
        total += cost_after(ngrams, folded[max(0, i + 1 - ngrams.order) : i], folded[i : i + 1])
    odd = 0
    for i in range(1, len(text)):
        odd += text[i].isupper() and text[i - 1].islower()
        odd += text[i].islower() and is_run(text[:i])
    return -weights.weight * UNIT * total + weights.bonus * len(text) - weights.case_cost * odd
