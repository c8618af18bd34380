"""Errors of requests: a status and one line."""

from __future__ import annotations

from bitocr.errors import BitocrError, ImageError, UsageError


class RequestError(Exception):
    """Answered with `status` and {"error": message}. headers: more headers of the answer."""

    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.headers = status, headers or {}


def busy(what: str, seconds: int = 1) -> RequestError:
    return RequestError(503, f"{what}; try again in {seconds} s", {"Retry-After": str(seconds)})


def out_of_time() -> RequestError:
    return busy("there was not enough time for this request", 5)


def too_large(message: str) -> RequestError:
    return RequestError(413, message)


def unread(message: RequestError) -> RequestError:
    """The same where bytes of the request were left unread: they must not be taken for the next request."""
    message.headers["Connection"] = "close"
    return message


def of_error(error: BitocrError) -> RequestError:
    """What reading raised, with the status that fits."""
    if isinstance(error, ImageError):
        return RequestError(422, str(error))
    return RequestError(400 if isinstance(error, UsageError) else 500, str(error))
