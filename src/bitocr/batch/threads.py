"""The executor that needs nothing: threads of this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bitocr.batch.read_shard import ShardReader
from bitocr.batch.settings import Settings
from bitocr.batch.tasks import Done, Task


def run(tasks: Iterator[Task], settings: Settings, threads: int, tell: Callable[[], object]) -> Iterator[Done]:
    return ShardReader(settings, threads, tell).run(tasks)
