"""The answer to a batch: NDJSON, a line for each page as it is read, or for a file's error."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial

from starlette.responses import StreamingResponse

from bitocr.errors import BitocrError
from bitocr.serve.admission import Visit
from bitocr.serve.answers import as_json_line, dumps
from bitocr.serve.body import File
from bitocr.serve.errors import RequestError
from bitocr.serve.parameters import Parameters
from bitocr.serve.reading import Job, read
from bitocr.serve.service import Service

_Lines = asyncio.Queue[bytes | None]
"""The answers for a file; None comes after the last one."""


class Stream(StreamingResponse):
    """Reads files, as many at once as there are threads, and gives their lines in the files' order."""

    def __init__(self, service: Service, visit: Visit, files: list[File], wanted: Parameters) -> None:
        self._service, self._visit, self._wanted = service, visit, wanted
        self._files = deque(enumerate(files, 1))
        super().__init__(self._lines(), media_type="application/x-ndjson")

    async def _lines(self) -> AsyncIterator[bytes]:
        ahead: deque[tuple[asyncio.Task[None], _Lines]] = deque()
        try:
            while self._files or ahead:
                while self._files and len(ahead) < self._service.threads:
                    ahead.append(self._begin(*self._files.popleft()))
                lines = ahead[0][1]
                while (line := await lines.get()) is not None:
                    yield line
                ahead.popleft()
        finally:
            for task, _ in ahead:
                task.cancel()
            self._visit.end()

    def _begin(self, number: int, file: File) -> tuple[asyncio.Task[None], _Lines]:
        lines = _Lines()
        return asyncio.create_task(self._read(number, file, lines)), lines

    async def _read(self, number: int, file: File, lines: _Lines) -> None:
        head = {"file": number, "name": file.name}
        try:
            self._service.metrics.pages += await self._pages(file, head, lines)
        except (BitocrError, RequestError) as error:
            self._service.metrics.failed_files += 1
            lines.put_nowait(dumps({**head, "error": str(error)}) + b"\n")
        finally:
            lines.put_nowait(None)

    async def _pages(self, file: File, head: dict[str, object], lines: _Lines) -> int:
        task = self._service.task(self._visit)
        size = await self._service.size(file.data, task)
        job = Job(file.data, self._wanted, size, self._service.settings.max_pages, task.deadline)
        loop = asyncio.get_running_loop()

        def put(line: bytes) -> None:
            loop.call_soon_threadsafe(lines.put_nowait, line)

        return await self._service.with_pixels(task, size, partial(self._emit, job, head, put))

    def _emit(self, job: Job, head: dict[str, object], put: Callable[[bytes], None]) -> int:
        """In a thread: a line for each page, and how many there were."""
        pages = 0
        for reading in read(job, self._service.readers, self._service.decoders):
            put(as_json_line(head, reading))
            pages += 1
        return pages
