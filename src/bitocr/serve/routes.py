"""What is answered at each path."""

from __future__ import annotations

from collections import Counter
from functools import partial
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bitocr import __version__
from bitocr.serve import form, openapi
from bitocr.serve.admission import Visit
from bitocr.serve.answers import Format
from bitocr.serve.batch import Stream
from bitocr.serve.body import Sent, read_body, take_apart
from bitocr.serve.errors import RequestError, unread
from bitocr.serve.parameters import LONGEST_IN_URL, Parameters, parse
from bitocr.serve.reading import Job, read
from bitocr.serve.service import Service, Task
from bitocr.serve.settings import MAX_BATCH_FILES

_SMALL = 1 << 18  # bytes of a body that the event loop takes apart itself


def routes(service: Service) -> list[Route]:
    """Of a service; the functions below take it first."""
    get = {"/": show_form, "/health/live": live, "/health/ready": ready, "/metrics": metrics}
    get |= {"/v1/models": models, "/openapi.json": description}
    post = {"/v1/ocr": ocr, "/v1/batch": batch}
    return [
        *(Route(path, partial(answer, service), methods=["POST"]) for path, answer in post.items()),
        *(Route(path, partial(answer, service), methods=["GET"]) for path, answer in get.items()),
    ]


async def ocr(service: Service, request: Request) -> Response:
    """One file, in the format that was asked for."""
    visit = Visit(service.admission)
    try:
        task, sent, wanted = await _accept(service, request, visit, 1)
        data, written = sent.files[0].data, service.formats[wanted.format]
        size = await service.size(data, task)
        job = Job(data, wanted, size.limit, service.settings.max_pages, task.deadline)
        body, pages = await service.with_pixels(task, size, partial(_read_and_write, service, job, written))
    finally:
        visit.end()
    service.metrics.pages += pages
    return Response(body, media_type=written.media_type)


async def batch(service: Service, request: Request) -> Response:
    """Many files: a line of JSON for each page, as they are read."""
    visit = Visit(service.admission)
    try:
        _, sent, wanted = await _accept(service, request, visit, MAX_BATCH_FILES)
        if wanted.format != "json":
            raise RequestError(400, "a batch answers format=json, one line a page")
    except BaseException:
        visit.end()
        raise
    return Stream(service, visit, sent.files, wanted)


async def _accept(service: Service, request: Request, visit: Visit, max_files: int) -> tuple[Task, Sent, Parameters]:
    """What a request sent and wants, once it has a place in the queue. Raises RequestError."""
    try:
        service.admission.check_room()
    except RequestError as error:
        raise unread(error) from None
    body = await read_body(request, visit, service.settings)
    service.metrics.bytes += len(body)
    visit.take_place()
    task = service.task(visit)
    work = partial(take_apart, body, request.headers.get("content-type", ""), max_files)
    sent = work() if len(body) <= _SMALL else await service.in_pool(task, work)
    return task, sent, parse(_given(request, sent), service.formats, service.readers.models)


def _given(request: Request, sent: Sent) -> dict[str, str]:
    """Parameters from the URL and from the body. Raises RequestError where one is there twice."""
    query = request.scope["query_string"].decode("latin-1")
    pairs = parse_qsl(query, keep_blank_values=True)
    if any(len(value) > LONGEST_IN_URL for _, value in pairs):
        raise RequestError(400, f"more than {LONGEST_IN_URL:,} characters of a parameter: send it in a form or in JSON")
    pairs += sent.fields.items()
    for name, count in Counter(name for name, _ in pairs).items() if len(pairs) > 1 else ():
        if count > 1:
            raise RequestError(400, f"the parameter {name[:40]!r} is given twice")
    return dict(pairs)


def _read_and_write(service: Service, job: Job, written: Format) -> tuple[bytes, int]:
    """In a thread: the answer, and how many pages it has."""
    readings = list(read(job, service.readers))
    return written.write(readings, job.data), len(readings)


async def models(service: Service, request: Request) -> Response:
    visit = Visit(service.admission)
    try:
        return JSONResponse({"models": await service.in_pool(service.task(visit), service.readers.describe)})
    finally:
        visit.end()


async def live(service: Service, request: Request) -> Response:
    return JSONResponse({"status": "live", "version": __version__})


async def ready(service: Service, request: Request) -> Response:
    if not service.is_ready:
        raise RequestError(503, "not ready", {"Retry-After": "1"})
    return JSONResponse({"status": "ready", "version": __version__})


async def metrics(service: Service, request: Request) -> Response:
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def description(service: Service, request: Request) -> Response:
    return JSONResponse(openapi.document(service.settings, service.formats, service.readers.models))


async def show_form(service: Service, request: Request) -> Response:
    return Response(form.page(), media_type="text/html; charset=utf-8", headers=form.headers())
