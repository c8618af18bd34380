"""Finds pictures that crash their decoder's process, and reads their shard without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bitocr.batch.items import Item
from bitocr.batch.tasks import Done, Task

CRASHED = "its decoder crashed"
_ROUNDS = 3


class CrashError(Exception):
    """A worker's process ended before its work did."""


def read_around(task: Task, read: Callable[[Task], Done], open_items: Callable[[list[Item]], None]) -> Done:
    """Reads a shard whose worker crashed. `read` and `open_items` raise CrashError if it crashes again.

    The first try repeats the same work, because somebody may have killed the worker.
    """
    for _ in range(_ROUNDS):
        try:
            return read(task)
        except CrashError:
            crashing = dict.fromkeys(_crashing(task, open_items), CRASHED)
            task = replace(task, crashed={**task.crashed, **crashing})
    return Done(task.shard, unread="its worker was killed again and again, for want of memory perhaps")


def _crashing(task: Task, open_items: Callable[[list[Item]], None]) -> Iterator[int]:
    """The places of the inputs that crash a worker, by bisection."""

    def survives(begin: int, end: int) -> bool:
        try:
            open_items([task.item(index) for index in range(begin, end)])
        except CrashError:
            return False
        return True

    def search(begin: int, end: int) -> Iterator[int]:
        middle = (begin + end) // 2
        for first, last in ((begin, middle), (middle, end)):
            if first < last and not survives(first, last):
                if last - first > 1:
                    yield from search(first, last)
                elif not survives(first, last):  # twice, to be sure that nobody else killed it
                    yield first

    yield from search(0, len(task.items))
