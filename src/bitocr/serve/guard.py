"""Wraps all paths: checks the token, answers errors as JSON, counts requests, and drops clients that don't read."""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Awaitable, Mapping
from http import HTTPStatus

import anyio
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bitocr.errors import BitocrError
from bitocr.serve.body import drain
from bitocr.serve.errors import RequestError, of_error
from bitocr.serve.metrics import Metrics
from bitocr.serve.settings import Settings

_log = logging.getLogger("bitocr.serve")
_PROTECTED = ("/v1/", "/metrics")
_LARGE = 1 << 16  # bytes of an answer that may have to wait for the client


class Guard:
    """everyday: handlers by method and path, which are found without the router.

    paths: of the application; all others are counted together.
    """

    def __init__(
        self,
        app: ASGIApp,
        everyday: Mapping[tuple[str, str], ASGIApp],
        settings: Settings,
        metrics: Metrics,
        paths: frozenset[str],
    ) -> None:
        self._app, self._everyday = app, everyday
        self._settings, self._metrics, self._paths = settings, metrics, paths
        self._token = None if settings.token is None else settings.token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        answer = _Answer(send, self._settings.client_timeout)
        scope["app"] = self  # so that the router raises what is wrong
        try:
            self._check_token(scope)
            app = self._everyday.get((scope["method"], scope["path"]), self._app)
            await app(scope, receive, answer.send)
        except Exception as error:
            if answer.status:  # the answer has begun: only closing the connection shows that it is incomplete
                raise
            await _refuse(error, scope, receive, answer.send)
        finally:
            path = scope["path"] if scope["path"] in self._paths else "other"
            self._metrics.request(path, answer.status, time.perf_counter() - begun)

    def _check_token(self, scope: Scope) -> None:
        """Raises RequestError (401). Comparing takes the same time wherever the tokens differ."""
        if self._token is None or not scope["path"].startswith(_PROTECTED):
            return
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, token = given.partition(b" ")
        if not hmac.compare_digest(token.strip(), self._token) or scheme.lower() != b"bearer":
            headers = {"WWW-Authenticate": "Bearer", "Connection": "close"}
            raise RequestError(401, "send the service's token: Authorization: Bearer TOKEN", headers)


class _Answer:
    """Sends, and remembers the status: 0 before anything was sent."""

    def __init__(self, send: Send, timeout: float) -> None:
        self._send, self._timeout, self.status = send, timeout, 0

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        if len(message.get("body", b"")) > _LARGE or message.get("more_body"):
            return self._send_in_time(message)
        return self._send(message)

    async def _send_in_time(self, message: Message) -> None:
        with anyio.fail_after(self._timeout):
            await self._send(message)


async def _refuse(error: Exception, scope: Scope, receive: Receive, send: Send) -> None:
    response = _response(error)
    if response.headers.get("connection") == "close":
        await drain(scope, receive)
    await response(scope, receive, send)


def _response(error: Exception) -> Response:
    """The answer that says what is wrong."""
    if isinstance(error, BitocrError):
        error = of_error(error)
    if isinstance(error, HTTPException):
        error = RequestError(error.status_code, _phrase(error), dict(error.headers or {}))
    if not isinstance(error, RequestError):
        if not isinstance(error, ClientDisconnect):
            _log.exception("a request failed", exc_info=error)
        error = RequestError(500, "an error of the service: its log tells more")
    return JSONResponse({"error": " ".join(str(error).split())}, error.status, error.headers)


def _phrase(error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is no such path: GET /openapi.json describes those there are"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return f"this path takes {(error.headers or {}).get('Allow', 'other methods')}"
    return error.detail
