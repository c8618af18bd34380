"""uvicorn around the application: bounded waiting for what clients send, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from bitocr.errors import UsageError
from bitocr.serve.app import app_of
from bitocr.serve.service import Service
from bitocr.serve.settings import Settings

_BACKLOG = 1024


class Protocol(H11Protocol):
    """Closes connections whose next request does not begin within one to two times `client_timeout`.

    uvicorn waits for the rest of a request's head for ever, and a client may send it a byte a minute.
    """

    client_timeout = Settings.client_timeout

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._seen: object = None
        self._tick = self.loop.call_later(self.client_timeout, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        self._tick.cancel()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """uvicorn's own is plain text."""
        body = json.dumps({"error": "this is not HTTP, or its head has more than 64 KB: send long words in the body"})
        headers = [("content-type", "application/json"), ("content-length", str(len(body))), ("connection", "close")]
        for event in (h11.Response(status_code=400, headers=headers), h11.Data(body.encode()), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _look(self) -> None:
        """Is it still the same request that is waited for as at the last look?"""
        is_waiting = self.cycle is None or self.cycle.response_complete
        waited_for = (self.cycle or self) if is_waiting else None
        if waited_for is not None and waited_for is self._seen:
            self.transport.close()
            return
        self._seen = waited_for
        self._tick = self.loop.call_later(self.client_timeout, self._look)


class _Server(uvicorn.Server):
    """uvicorn would raise the signal that ended it once more, and the process would not exit with 0."""

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
    """Answers until SIGTERM or SIGINT, and then what was accepted."""
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
    asyncio.run(_Server(config).serve([listening]))
