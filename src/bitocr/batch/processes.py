"""The executor whose workers may crash: processes on this machine, each with one shard at a time."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from bitocr.batch.crashes import CrashError, read_around
from bitocr.batch.items import Item
from bitocr.batch.read_shard import ShardReader
from bitocr.batch.settings import Settings
from bitocr.batch.tasks import Done, Task
from bitocr.errors import BitocrError

_TICK = 1.0  # seconds


def run(tasks: Iterator[Task], settings: Settings, processes: int, tell: Callable[[], object]) -> Iterator[Done]:
    """Gives shards as they finish. tell: is called from time to time."""
    workers = Workers(settings, processes)
    pool = ThreadPoolExecutor(processes)
    running: set[Future[Done]] = set()
    try:
        for task in tasks:
            running.add(pool.submit(workers.run, task))
            if len(running) >= 2 * processes:
                yield from _next(running, tell)
        while running:
            yield from _next(running, tell)
    finally:
        workers.stop()
        pool.shutdown(cancel_futures=True)


def _next(running: set[Future[Done]], tell: Callable[[], object]) -> Iterator[Done]:
    done: set[Future[Done]] = set()
    while not done:
        done, _ = wait(running, _TICK, FIRST_COMPLETED)
        tell()
    running -= done
    for future in done:
        yield future.result()


class Workers:
    """Processes that wait for work. A thread takes one for as long as it needs it."""

    def __init__(self, settings: Settings, count: int) -> None:
        self._free: SimpleQueue[Worker] = SimpleQueue()
        self._all = [Worker(settings) for _ in range(count)]
        for worker in self._all:
            self._free.put(worker)

    def run(self, task: Task) -> Done:
        worker = self._free.get()
        try:
            return worker.run(task)
        except CrashError:
            return read_around(task, worker.run, worker.open)
        finally:
            self._free.put(worker)

    def stop(self) -> None:
        for worker in self._all:
            worker.stop()


class Worker:
    """A process that reads shards. If it ends, the next call starts another."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: Any = None
        self._connection: Connection | None = None
        self._stopped = False
        self._lock = threading.Lock()  # of its start and its end

    def run(self, task: Task) -> Done:
        done: Done = self._call(task)
        return done

    def open(self, items: list[Item]) -> None:
        self._call(items)

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
                self._process.join()

    def _call(self, work: Task | list[Item]) -> Any:
        connection = self._started()
        try:
            connection.send(work)
            answer = connection.recv()
        except (EOFError, OSError):
            self._end()
            raise CrashError from None
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _started(self) -> Connection:
        with self._lock:
            if self._stopped:
                raise BitocrError("stopped")
            if self._connection is None:
                context = multiprocessing.get_context("spawn")
                self._connection, theirs = context.Pipe()
                self._process = context.Process(target=_serve, args=(theirs, self._settings), daemon=True)
                with _without_ctrl_c():
                    self._process.start()
                theirs.close()
            return self._connection

    def _end(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
                self._process.join()


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Keeps the signal from processes that are started here, even before they can handle it themselves."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, settings: Settings) -> None:
    """The main loop of a worker. It ends when the process that started it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent process
    reader: ShardReader | None = None
    while True:
        try:
            work = connection.recv()
        except (EOFError, OSError):
            return
        try:
            reader = reader or ShardReader(settings, threads=1)
            answer: Any = reader.work(work)
        except (BitocrError, OSError) as error:
            answer = error
        try:
            connection.send(answer)
        except OSError:
            return
