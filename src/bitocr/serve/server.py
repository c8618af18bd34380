"""Runs the application in uvicorn: waits for clients for a limited time, and loses no request when it ends."""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import signal
import socket
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from bitocr.errors import UsageError
from bitocr.serve.app import app_of
from bitocr.serve.body import HAS_ARRIVED
from bitocr.serve.service import Service
from bitocr.serve.settings import Settings

_BACKLOG = 1024
_LONGEST_HEAD = 1 << 16
_NO_HTTP = json.dumps({"error": "this is not HTTP, or its head has more than 64 KB: send long words in the body"})


class Protocol(HttpToolsProtocol):
    """Closes connections whose next request does not begin within one to two times `client_timeout`.

    uvicorn waits for ever for the rest of a request's head, however long it is, even if a client sends a byte a minute.
    """

    client_timeout = Settings.client_timeout

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._seen: object = None
        self._is_in_head, self._head_bytes, self._chunk_bytes = False, 0, 0
        self._tick = self.loop.call_later(self.client_timeout, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tick.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._chunk_bytes = len(data)
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _LONGEST_HEAD:
                self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        is_short = self._head_bytes + self._chunk_bytes <= _LONGEST_HEAD
        if not is_short and len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > _LONGEST_HEAD:
            raise ValueError("the head is too long")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.scope[HAS_ARRIVED] = True  # type: ignore[literal-required]

    def send_400_response(self, msg: str) -> None:
        """uvicorn's own is plain text, and overtakes the answer to the request before."""
        if self.cycle is not None and not self.cycle.more_body and not self.cycle.response_complete:
            self.cycle.keep_alive = False  # the connection ends with that answer
            return
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(_NO_HTTP)}\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n{_NO_HTTP}".encode())
        self.transport.close()

    def _look(self) -> None:
        """Closes the connection if it waits for the same request as at the last look."""
        is_waiting = self.cycle is None or self.cycle.response_complete
        waited_for = (self.cycle or self) if is_waiting else None
        if waited_for is not None and waited_for is self._seen:
            self.transport.close()
            return
        self._seen = waited_for
        self._tick = self.loop.call_later(self.client_timeout, self._look)


class _Server(uvicorn.Server):
    """uvicorn would raise the signal again after it has ended, and the process would not exit with 0."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Leaves models and modules out of garbage collections, and makes these rarer."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises UsageError."""
    if not host:
        raise UsageError("--host is empty: 0.0.0.0 listens everywhere")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"cannot listen at {host}:{port}: {reason}") from None


def serve(service: Service, listening: socket.socket) -> None:
    """Serves until SIGTERM or SIGINT, then answers what was accepted."""
    settings = service.settings
    config = uvicorn.Config(
        app_of(service),
        http=type("ServiceProtocol", (Protocol,), {"client_timeout": settings.client_timeout}),
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=5,
        timeout_graceful_shutdown=int(settings.timeout + settings.client_timeout) + 5,
    )
    _run(_Server(config).serve([listening]))


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Uses uvloop, which takes a third of asyncio's time, if it is installed (not on Windows)."""
    try:
        run = importlib.import_module("uvloop").run
    except ImportError:
        run = asyncio.run
    run(main)
