"""Threads that work for the event loop. A job costs half as much as with concurrent.futures."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any

Work = Callable[[], Any]
End = Callable[[Any, BaseException | None], None]
"""A callback that gets the result of the work, and its exception."""


class Job:
    """Work that starts once, or never."""

    __slots__ = ("_todo", "end")

    def __init__(self, work: Work, end: End) -> None:
        self._todo, self.end = [work], end

    def take(self) -> Work | None:
        """The work for the first caller, None for all others."""
        try:
            return self._todo.pop()
        except IndexError:
            return None


class Pool:
    """Threads that take jobs in the order in which they arrive. They end with their process."""

    def __init__(self, threads: int) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        self._threads = [Thread(target=self._run, name=f"bitocr-{n}", daemon=True) for n in range(threads)]
        self._is_started = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def submit(self, work: Work, end: End) -> Job:
        """Submits work. `end` is called in the running loop, unless the job is taken back first."""
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
