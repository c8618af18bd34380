"""From weighted texts to n-grams with probabilities and back-off weights.

An n-gram is a `bytes` of symbols (symbols.py), its last one predicted from those before. Probabilities are Witten and
Bell's, interpolated: with N(hc) how often c follows h and T(h) how many different symbols do,

    P(c | h) = (N(hc) + T(h) P(c | h')) / (N(h) + T(h))            h' is h without its first symbol

and 1 / count for no h at all. Of all n-grams those are kept whose loss would raise the texts' cost most (after Stolcke,
1998): N(hc) * |ln P(c | h) - ln of what backing off would give|.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

TEXTS = 3_000_000  # as if so many texts had been counted; more trusts rare n-grams more

Values = dict[bytes, float]


@dataclass(frozen=True)
class Ngrams:
    """Probabilities of the n-grams that were kept, and back-off weights (at most 1) of those that begin others."""

    order: int
    probabilities: Values
    backoffs: Values

    def probability(self, h: bytes, c: bytes) -> float:
        """P(c | h), by backing off where hc was not kept."""
        p = 1.0
        while h and h + c not in self.probabilities:
            p *= self.backoffs.get(h, 1.0)
            h = h[1:]
        return p * self.probabilities[h + c]


def count(texts: Mapping[bytes, float], order: int) -> Values:
    """How often each n-gram of up to `order` symbols occurs; the end before a text is only a beginning."""
    out: Values = defaultdict(float)
    total = sum(texts.values())
    for text, weight in texts.items():
        for end in range(2, len(text) + 1):
            for start in range(max(0, end - order), end):
                out[text[start:end]] += weight / total * TEXTS
    return out


def estimate(counts: Values, symbols: int) -> tuple[Values, Values]:
    """(P(c | h) of each n-gram hc, what is left for backing off at each h), before any n-gram is dropped."""
    totals: Values = defaultdict(float)
    types: dict[bytes, int] = defaultdict(int)
    for gram, number in counts.items():
        totals[gram[:-1]] += number
        types[gram[:-1]] += 1
    left = {h: types[h] / (totals[h] + types[h]) for h in totals}
    probabilities: Values = {}
    for gram in sorted({bytes([c]) for c in range(symbols)} | counts.keys(), key=lambda gram: (len(gram), gram)):
        h = gram[:-1]
        shorter = probabilities[gram[1:]] if h else 1 / symbols
        probabilities[gram] = (1 - left[h]) * counts.get(gram, 0) / totals[h] + left[h] * shorter
    return probabilities, left


def most_useful(counts: Values, probabilities: Values, left: Values, order: int, room: int) -> list[bytes]:
    """The n-grams that fit into `room` bytes of nodes (file.py), each with its beginnings; single symbols always."""
    gains: Values = defaultdict(float)
    for gram in sorted(counts, key=len, reverse=True):
        if len(gram) > 1:
            without = left[gram[:-1]] * probabilities[gram[1:]]
            gains[gram] = max(gains[gram], counts[gram] * abs(math.log(probabilities[gram] / without)))
            gains[gram[:-1]] = max(gains[gram[:-1]], gains[gram])
    kept = [gram for gram in probabilities if len(gram) == 1]
    room -= node_bytes(1, order) * len(kept)
    longer = (gram for gram in gains if len(gram) > 1)
    for gram in sorted(longer, key=lambda gram: (-gains[gram], len(gram), gram)):
        room -= node_bytes(len(gram), order)
        if room < 0:
            break
        kept.append(gram)
    return kept


def node_bytes(length: int, order: int) -> int:
    """What an n-gram takes in the file: symbol and cost, and if it may begin others, children and back-off."""
    return 4 if length < order else 2


def build(texts: Mapping[bytes, float], symbols: int, order: int, room: int) -> Ngrams:
    """The model of `texts` whose nodes take at most `room` bytes."""
    counts = count(texts, order)
    probabilities, left = estimate(counts, symbols)
    kept = most_useful(counts, probabilities, left, order, room)
    model = Ngrams(order, {gram: probabilities[gram] for gram in kept}, {})
    children: dict[bytes, list[bytes]] = defaultdict(list)
    for gram in kept:
        children[gram[:-1]].append(gram)
    for h in sorted(children, key=len):
        if h:
            seen = sum(probabilities[gram] for gram in children[h])
            shorter = sum(model.probability(h[1:], gram[-1:]) for gram in children[h])
            model.backoffs[h] = min(1.0, max(1 - seen, 1e-6) / max(1 - shorter, 1e-6))
    return model
