"""What all requests share: the readers, the pool of threads, the limits, and the counts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeVar

from bitocr import __version__
from bitocr.reader import available_cores
from bitocr.serve.admission import Admission, Visit
from bitocr.serve.answers import formats
from bitocr.serve.decoders import Decoders
from bitocr.serve.documents import at_a_glance
from bitocr.serve.errors import out_of_time
from bitocr.serve.metrics import Metrics
from bitocr.serve.parameters import Parser
from bitocr.serve.pool import Pool
from bitocr.serve.readers import Readers
from bitocr.serve.settings import Settings
from bitocr.serve.sizes import Size, measure

T = TypeVar("T")


class Task(NamedTuple):
    """A request's work in the pool. deadline: of `time.monotonic`."""

    visit: Visit
    deadline: float


class Service:
    """Its coroutines belong to one event loop; their work in the pool runs in all of its threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.threads = settings.threads or available_cores()
        self.admission = Admission(self.threads + settings.queue, settings.pixel_budget, settings.body_budget)
        self.readers = Readers(settings.models, settings.max_pixels)
        self.decoders = Decoders(settings.max_pixels)
        self.metrics = Metrics(self.admission, __version__)
        self.formats = formats()
        self.parameters = Parser(self.formats, self.readers.models)
        self.is_ready = False
        self._pool = Pool(self.threads)

    def start(self) -> None:
        """Finds all models, and loads the first. Raises BitocrError."""
        self.readers.find_all()
        self.readers.get("")
        self.is_ready = True

    def stop(self) -> None:
        """Waits for what the threads still do."""
        self.is_ready = False
        self._pool.stop()
        self.decoders.stop()

    def task(self, visit: Visit) -> Task:
        return Task(visit, time.monotonic() + self.settings.timeout)

    async def size(self, data: bytes, task: Task) -> Size:
        """Raises RequestError (413) if a picture is too large, BitocrError if it is not a picture."""
        size = at_a_glance(data, self.settings.max_pixels)
        if size is not None:
            return size
        return await self.in_pool(task, partial(measure, data, self.settings.max_pixels, self.settings.max_pages))

    async def with_pixels(self, task: Task, size: Size, work: Callable[[], T]) -> T:
        """Does work that decodes a picture of this size, when there is room for it."""
        if not self.admission.take_pixels(size.pixels):
            await self.admission.wait_for_pixels(size.pixels, task.deadline)
        return await self.in_pool(task, work, partial(self.admission.give_pixels, size.pixels))

    async def in_pool(self, task: Task, work: Callable[[], T], at_end: Callable[[], None] | None = None) -> T:
        """Returns or raises what the work does; RequestError (503) at the deadline. `at_end` runs after the work."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def end(value: Any, error: BaseException | None) -> None:
            if at_end is not None:
                at_end()
            task.visit.end()
            if answer.done():
                return
            if error is None:
                answer.set_result(value)
            else:
                answer.set_exception(error)

        task.visit.begin_job()
        job = self._pool.submit(work, end)
        timer = loop.call_later(max(0.0, task.deadline - time.monotonic()), _expire, answer)
        try:
            return await answer
        finally:
            timer.cancel()
            if job.take() is not None:  # it has not started
                end(None, None)


def _expire(answer: asyncio.Future[Any]) -> None:
    if not answer.done():
        answer.set_exception(out_of_time())
