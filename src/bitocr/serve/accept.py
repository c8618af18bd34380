"""Reads a request once it has a place in the queue."""

from __future__ import annotations

from functools import partial

from starlette.types import Receive, Scope

from bitocr.serve.admission import Visit
from bitocr.serve.body import Sent, header, read_body, take_apart
from bitocr.serve.errors import RequestError, unread
from bitocr.serve.parameters import Parameters
from bitocr.serve.service import Service, Task

_SMALL = 1 << 18  # bytes of a body that the event loop parses itself


async def accept(
    service: Service, scope: Scope, receive: Receive, visit: Visit, max_files: int
) -> tuple[Task, Sent, Parameters]:
    """Reads and checks a request. Raises RequestError."""
    try:
        service.admission.check_room()
    except RequestError as error:
        raise unread(error) from None
    body = await read_body(scope, receive, visit, service.settings)
    service.metrics.bytes += len(body)
    visit.take_place()
    task = service.task(visit)
    work = partial(take_apart, body, header(scope, b"content-type"), max_files)
    sent = work() if len(body) <= _SMALL else await service.in_pool(task, work)
    return task, sent, service.parameters(scope["query_string"], sent.fields)
