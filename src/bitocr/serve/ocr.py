"""One file, in the format that was asked for: `/v1/ocr`.

This is plain ASGI, as starlette's requests and responses would take a tenth of the time of reading a word.
"""

from __future__ import annotations

from functools import partial

from starlette.types import Receive, Scope, Send

from bitocr.serve.accept import accept
from bitocr.serve.admission import Visit
from bitocr.serve.answers import Format
from bitocr.serve.reading import Job, read
from bitocr.serve.service import Service


class Ocr:
    """An ASGI application for this path only."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        service, visit = self._service, Visit(self._service.admission)
        try:
            task, sent, wanted = await accept(service, scope, receive, visit, 1)
            data, written = sent.files[0].data, service.formats[wanted.format]
            size = await service.size(data, task)
            job = Job(data, wanted, size, service.settings.max_pages, task.deadline)
            body, pages = await service.with_pixels(task, size, partial(self._read, job, written))
        finally:
            visit.end()
        service.metrics.pages += pages
        headers = [(b"content-type", written.media_type.encode()), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _read(self, job: Job, written: Format) -> tuple[bytes, int]:
        """In a thread: the answer, and how many pages it has."""
        readings = list(read(job, self._service.readers, self._service.decoders))
        return written.write(readings, job.data, job.size.limit), len(readings)
