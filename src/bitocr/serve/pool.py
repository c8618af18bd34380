"""Threads that work for the event loop. What concurrent.futures does for each job costs twice as much."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

Work = Callable[[], Any]
End = Callable[[Any, BaseException | None], None]
"""What the work gave, and what it raised."""


class Job:
    """Work that is begun once, or never."""

    __slots__ = ("_todo", "end")

    def __init__(self, work: Work, end: End) -> None:
        self._todo, self.end = [work], end

    def take(self) -> Work | None:
        """The work for who is first to ask, None for all others."""
        try:
            return self._todo.pop()
        except IndexError:
            return None


class Pool:
    """So many threads, which take jobs in the order that they came in. Those of a process that ends end with it."""

    def __init__(self, threads: int) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [Thread(target=self._run, name=f"bitocr-{n}", daemon=True) for n in range(threads)]
        self._is_started = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Work, end: End) -> Job:
        """Has the work done; `end` is called in the loop that runs now, unless the job is taken back before."""
        if not self._is_started:
            self._start()
        job = Job(work, end)
        self._jobs.put(job)
        return job

    def stop(self) -> None:
        """Waits for all that was submitted."""
        if self._is_started:
            for _ in self._threads:
                self._jobs.put(None)
            for thread in self._threads:
                thread.join()

    def _start(self) -> None:
        self._loop, self._is_started = asyncio.get_running_loop(), True
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            work = job.take()
            if work is None:
                continue
            value, error = None, None
            try:
                value = work()
            except BaseException as raised:
                error = raised
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(job.end, value, error)  # type: ignore[union-attr]
            del job, work, value, error  # or a thread would hold the last picture while it waits
