"""Reads shards, and writes each into its file: what every executor does."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bitocr.batch import formats, rows
from bitocr.batch.items import Item
from bitocr.batch.load import Loaded, Loader
from bitocr.batch.output import Output
from bitocr.batch.plan import Planned
from bitocr.batch.rows import Row
from bitocr.batch.settings import Settings
from bitocr.batch.shard_file import ShardFile, failed_places
from bitocr.batch.tasks import Done, Task


class ShardReader:
    """Reads shards with one reader. tell: is called for every input."""

    def __init__(self, settings: Settings, threads: int, tell: Callable[[], object] = lambda: None) -> None:
        self._settings, self._tell = settings, tell
        self._reader = settings.reader(threads)
        self._output = Output(settings.out, settings.format)
        self._loader = Loader(settings.folder)
        self._format = formats.named(settings.format)

    def run(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Reads shards one after the other without pauses, and writes each as soon as it is complete."""
        begun = time.monotonic()
        writer: ShardFile | None = None
        for task, index, found in self._read(tasks):
            writer = writer or ShardFile(task, self._output, self._format)
            if index is not None:
                writer.add(index, found)
                continue
            yield Done(task.shard, writer.inputs, writer.write(), time.monotonic() - begun)
            begun, writer = time.monotonic(), None

    def work(self, work: Task | list[Item]) -> Done | None:
        """Reads a shard; or, to find a crash, reads inputs and discards the results."""
        if isinstance(work, Task):
            return next(self.run([work]))
        for _ in self._read([Task(Planned(0, "", len(work)), work)]):
            pass
        return None

    def _read(self, tasks: Iterable[Task]) -> Iterator[tuple[Task, int | None, list[Row]]]:
        """The rows of each picture and its input's place in the shard. At a shard's end the place is None."""
        waiting: deque[_Waiting] = deque()
        for result in self._results(self._sources(tasks, waiting)):
            yield from _ends(waiting)
            one = waiting.popleft()
            yield one.task, one.place, self._rows(one, result)
        yield from _ends(waiting)

    def _sources(self, tasks: Iterable[Task], waiting: deque[_Waiting]) -> Iterator[bytes]:
        for task in tasks:
            places = failed_places(task, self._output) if task.again else range(len(task.items))
            for place, loaded in zip(places, self._loader.load_all(map(task.item, places)), strict=True):
                waiting.append(_Waiting(task, place, loaded))
                yield b"" if loaded.error else loaded.data
                self._tell()
            waiting.append(_Waiting(task))

    def _results(self, sources: Iterator[bytes]) -> Iterator[Any]:
        if self._settings.line:
            return self._reader.iter_lines(sources, errors="return", chars=False)  # rows have no characters
        return iter(self._reader.read_pages(sources, errors="return"))

    def _rows(self, one: _Waiting, result: Any) -> list[Row]:
        assert one.loaded is not None
        model = self._settings.model
        if one.loaded.error is not None:
            return [rows.failed(one.loaded, model, one.loaded.error)]
        return (rows.of_line if self._settings.line else rows.of_page)(one.loaded, model, result)


class _Waiting(NamedTuple):
    """An input that the reader has, or, without `loaded`, the end of a shard."""

    task: Task
    place: int | None = None
    loaded: Loaded | None = None


def _ends(waiting: deque[_Waiting]) -> Iterator[tuple[Task, None, list[Row]]]:
    """The shards that end before the next picture."""
    while waiting and waiting[0].loaded is None:
        yield waiting.popleft().task, None, []
