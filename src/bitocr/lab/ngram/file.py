"""Writes n-gram files in the format that engine/src/decode/ngram.h describes."""

from __future__ import annotations

import math
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from bitocr.lab.ngram.counts import Ngrams, NodeSize
from bitocr.lab.ngram.symbols import Symbols

MAGIC, START = b"\x89BITNGR\n", 64
UNIT = 1 / 16  # nats per unit of cost, so a byte holds up to 15.9


@dataclass(frozen=True)
class Weights:
    """The weights of the model beside the network (points 5 and 6 of ngram.h)."""

    weight: float
    bonus: float
    case_cost: float


def node_size(symbols: Symbols, order: int) -> NodeSize:
    """The bytes of an n-gram in the file: its symbol and cost, and a place for children.

    In version 1 all n-grams except the longest have a place for children, in version 2 only those with children.
    """
    if symbols.are_many:
        return lambda length, is_first: 3 + 1 / 8 + 3 * is_first
    return lambda length, is_first: np.where(length < order, 4, 2)


def room(size: int, symbols: Symbols, card: str) -> int:
    """The bytes that nodes may take in a file of `size` bytes."""
    head = START + (4 if symbols.are_many else 0)  # includes the empty n-gram, which version 1 leaves out
    return max(0, size - head - len(symbols.table()) * (6 if symbols.are_many else 4) - len(card.encode()))


def dump(model: Ngrams, symbols: Symbols, weights: Weights, card: str) -> bytes:
    """The bytes of a model's file, in version 2 if its symbols need that."""
    nodes, children = levels(model)
    if symbols.are_many:
        inner = [gram for gram in nodes if children[gram]]
    else:
        inner = nodes[: max(i for i, gram in enumerate(nodes) if children[gram]) + 1]
    body = b"".join((
        struct.pack("<4I", symbols.count, len(symbols.table()), len(nodes), len(inner)),
        struct.pack("<4f", UNIT, weights.weight, weights.bonus, weights.case_cost),
        *(tables_2 if symbols.are_many else tables_1)(model, symbols, nodes, [len(children[gram]) for gram in nodes]),
        bytes(cost(model.backoffs.get(gram, 1.0)) for gram in inner),
        card.encode(),
    ))  # fmt: skip
    version = 2 if symbols.are_many else 1
    return MAGIC + struct.pack("<IIQII", version, model.order, 32 + len(body), zlib.crc32(body), 0) + body


def tables_1(model: Ngrams, symbols: Symbols, nodes: list[str], children: list[int]) -> Iterator[bytes]:
    yield packed("<u4", (ord(c) | case << 22 | symbol << 24 for c, symbol, case in symbols.table()))
    yield bytes([0, *(ord(gram[-1]) for gram in nodes[1:])])
    yield bytes([0, *(cost(model.probabilities[gram]) for gram in nodes[1:])])
    yield bytes(children[: np.flatnonzero(children)[-1] + 1])


def tables_2(model: Ngrams, symbols: Symbols, nodes: list[str], children: list[int]) -> Iterator[bytes]:
    yield packed("<u4", (ord(c) | case << 22 for c, _, case in symbols.table()))
    yield packed("<u2", (symbol for _, symbol, _ in symbols.table()))
    yield packed("<u2", [0, *(ord(gram[-1]) for gram in nodes[1:])])
    yield packed("<u2", filter(None, children))
    yield bytes([0, *(cost(model.probabilities[gram]) for gram in nodes[1:])])
    yield np.packbits(np.array(children) > 0, bitorder="little").tobytes()


def packed(layout: str, values: Iterable[int]) -> bytes:
    return np.fromiter(values, layout).tobytes()


def levels(model: Ngrams) -> tuple[list[str], dict[str, list[str]]]:
    """The nodes of the tree, level by level, and the children of each in the order of their symbols."""
    children: dict[str, list[str]] = defaultdict(list)
    for gram in sorted(model.probabilities):
        children[gram[:-1]].append(gram)
    nodes = [""]
    for gram in nodes:  # grows during the loop
        nodes += children[gram]
    return nodes, children


def cost(probability: float) -> int:
    return min(255, round(-math.log(probability) / UNIT))
