"""The bytes of an n-gram file: engine/src/ngram.h says what they mean."""

from __future__ import annotations

import math
import struct
import zlib
from collections import defaultdict
from dataclasses import dataclass

from bitocr.lab.ngram.counts import Ngrams
from bitocr.lab.ngram.symbols import Symbols

MAGIC, VERSION = b"\x89BITNGR\n", 1
UNIT = 1 / 16  # nats that a cost of 1 stands for: bytes reach 15.9


@dataclass(frozen=True)
class Weights:
    """How much the model counts beside the network (points 5 and 6 of ngram.h)."""

    weight: float
    bonus: float
    case_cost: float


def dump(model: Ngrams, symbols: Symbols, weights: Weights, card: str) -> bytes:
    """The file of a model."""
    nodes, children = levels(model)
    inner = max(i for i, gram in enumerate(nodes) if children[gram]) + 1
    cases = [struct.pack("<I", ord(c) | case << 22 | symbol << 24) for c, symbol, case in symbols.table()]
    body = b"".join((
        struct.pack("<4I", symbols.count, len(cases), len(nodes), inner),
        struct.pack("<4f", UNIT, weights.weight, weights.bonus, weights.case_cost),
        *cases,
        bytes([0, *(gram[-1] for gram in nodes[1:])]),
        bytes([0, *(cost(model.probabilities[gram]) for gram in nodes[1:])]),
        bytes(len(children[gram]) for gram in nodes[:inner]),
        bytes(cost(model.backoffs.get(gram, 1.0)) for gram in nodes[:inner]),
        card.encode(),
    ))  # fmt: skip
    return MAGIC + struct.pack("<IIQII", VERSION, model.order, 32 + len(body), zlib.crc32(body), 0) + body


def levels(model: Ngrams) -> tuple[list[bytes], dict[bytes, list[bytes]]]:
    """The tree's nodes level by level, and the children of each in their symbols' order."""
    children: dict[bytes, list[bytes]] = defaultdict(list)
    for gram in sorted(model.probabilities):
        children[gram[:-1]].append(gram)
    nodes = [b""]
    for gram in nodes:  # which grows meanwhile
        nodes += children[gram]
    return nodes, children


def cost(probability: float) -> int:
    return min(255, round(-math.log(probability) / UNIT))
