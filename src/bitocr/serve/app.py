"""The application: an ASGI callable for uvicorn, or any other server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.routing import Router

from bitocr.serve.guard import Guard
from bitocr.serve.routes import OCR, routes
from bitocr.serve.service import Service
from bitocr.serve.settings import Settings


def create_app(settings: Settings | None = None) -> Guard:
    """An ASGI application with these settings. Raises UsageError if they contradict each other."""
    return app_of(Service(settings or Settings()))


def app_of(service: Service) -> Guard:
    """Loads the first model when it starts, unless that is loaded already."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        service.start()
        yield
        service.stop()

    paths = routes(service)
    names = frozenset(route.path for route in paths)
    everyday = {("POST", OCR): next(route.app for route in paths if route.path == OCR)}
    router = Router(paths, lifespan=lifespan, redirect_slashes=False)
    return Guard(router, everyday, service.settings, service.metrics, names)
