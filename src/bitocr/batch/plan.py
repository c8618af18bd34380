"""Divides the inputs into shards, each named by a hash of its inputs."""

from __future__ import annotations

import hashlib
import marshal
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import NamedTuple

from bitocr.batch.items import Item


class Planned(NamedTuple):
    """A shard: its place among the others, from 0; its name; the number of its inputs."""

    number: int
    digest: str
    inputs: int


class Plan:
    """All shards. Their items are kept in a temporary file, so that millions of inputs take little memory.

    size: about how many inputs a shard holds.
    """

    def __init__(self, items: Iterable[Item], size: int) -> None:
        self.shards: list[Planned] = []
        self._starts: list[int] = []
        self._file = TemporaryFile()  # noqa: SIM115 (it has no name, so nothing is left behind)
        twins: Counter[str] = Counter()
        for shard in _cut(items, size):
            digest = _digest(shard)
            twins[digest] += 1
            if twins[digest] > 1:  # the same inputs, named twice
                digest = hashlib.sha256(f"{digest} {twins[digest]}".encode()).hexdigest()
            self.shards.append(Planned(len(self.shards), digest[:16], len(shard)))
            self._starts.append(self._file.tell())
            marshal.dump([tuple(item) for item in shard], self._file)

    @property
    def inputs(self) -> int:
        return sum(shard.inputs for shard in self.shards)

    def items(self, shard: Planned) -> list[Item]:
        self._file.seek(self._starts[shard.number])
        return [Item(*fields) for fields in marshal.load(self._file)]


def _cut(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Shards of size / 2 to 2 size inputs, the last perhaps of fewer.

    A shard ends at names that a checksum picks, not by counting: an input that comes or goes then changes the shard
    that it is in, and not all later ones.
    """
    shard: list[Item] = []
    for item in items:
        shard.append(item)
        is_end = zlib.crc32(item.source.encode("utf-8", "surrogatepass")) % size == 0
        if (is_end and 2 * len(shard) >= size) or len(shard) >= 2 * size:
            yield shard
            shard = []
    if shard:
        yield shard


def _digest(shard: list[Item]) -> str:
    text = "".join(f"{item.source}\0{item.stamp}\0{item.place}\n" for item in shard)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
