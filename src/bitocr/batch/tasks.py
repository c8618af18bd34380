"""The tasks of an executor and their results. Both are pickled for other processes."""

from __future__ import annotations

from dataclasses import dataclass, field

from bitocr.batch.items import Item, bad
from bitocr.batch.plan import Planned


@dataclass(frozen=True)
class Task:
    """A shard to read. again: its file exists, and only the inputs that failed are read again.

    crashed: by place in the shard, why an input must not be opened any more.
    """

    shard: Planned
    items: list[Item]
    again: bool = False
    crashed: dict[int, str] = field(default_factory=dict)

    def item(self, index: int) -> Item:
        """The input at a place, or one with its error."""
        item = self.items[index]
        return bad(item.source, self.crashed[index]) if index in self.crashed else item


@dataclass(frozen=True)
class Done:
    """A shard that was written: how many inputs were read, and how many failed. seconds: since the previous shard.

    unread: why it could not be written at all.
    """

    shard: Planned
    inputs: int = 0
    failed: int = 0
    seconds: float = 0.0
    unread: str = ""
