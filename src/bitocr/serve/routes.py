"""What is answered at each path."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bitocr import __version__
from bitocr.serve import form, openapi, tab
from bitocr.serve.accept import accept
from bitocr.serve.admission import Visit
from bitocr.serve.batch import Stream
from bitocr.serve.errors import RequestError
from bitocr.serve.ocr import Ocr
from bitocr.serve.service import Service
from bitocr.serve.settings import MAX_BATCH_FILES

OCR = "/v1/ocr"


def routes(service: Service) -> list[Route]:
    """Of a service; the functions below take it first."""
    get = {"/": show_form, "/form": show_form, "/health/live": live, "/health/ready": ready, "/metrics": metrics}
    get |= {"/v1/models": models, "/openapi.json": description}
    page = tab.files()
    return [
        Route(OCR, Ocr(service), methods=["POST"]),
        Route("/v1/batch", partial(batch, service), methods=["POST"]),
        *(Route(name, partial(show_file, name, path), methods=["GET"]) for name, path in page.items()),
        *(Route(path, partial(answer, service), methods=["GET"]) for path, answer in get.items()),
    ]


async def batch(service: Service, request: Request) -> Response:
    """Many files: a line of JSON for each page, as they are read."""
    visit = Visit(service.admission)
    try:
        _, sent, wanted = await accept(service, request.scope, request.receive, visit, MAX_BATCH_FILES)
        if wanted.format != "json":
            raise RequestError(400, "a batch answers format=json, one line a page")
    except BaseException:
        visit.end()
        raise
    return Stream(service, visit, sent.files, wanted)


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


async def show_file(name: str, path: Path, request: Request) -> Response:
    return tab.answer(name, path)
