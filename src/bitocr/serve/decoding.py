"""The life of a process that decodes for the service, which gives it the megabytes that it may have as its argument.

It takes requests from standard input and answers each on standard output, both pickled, until its input ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from bitocr.errors import BitocrError
from bitocr.serve.documents import pages


class Opening(NamedTuple):
    """A file whose pages are wanted, one for each request for the next."""

    data: bytes
    max_pixels: int
    is_line: bool


NEXT, CLOSE = "next", "close"
LONGEST = 60
"""Seconds for a page. The service ends the process earlier, unless it has been killed itself."""


def main() -> None:
    _limit_memory(int(sys.argv[1]) << 20)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for decoders that print
    found: Iterator[Any] = iter(())
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if isinstance(request, Opening):
            found = pages(*request)
        elif request == CLOSE:
            found = iter(())
        else:
            pickle.dump(_next(found), answers, protocol=5)
            answers.flush()


def _next(found: Iterator[Any]) -> Any:
    """The next page, None behind the last, or what is wrong."""
    _set_alarm(LONGEST)
    try:
        return next(found, None)
    except BitocrError as error:
        return error
    finally:
        _set_alarm(0)


def _set_alarm(seconds: int) -> None:
    """It ends the process, whatever a decoder does; Windows has none."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def _limit_memory(size: int) -> None:
    """A decoder that wants more fails."""
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
