"""The life of a process that decodes files for another one, see `decoders.py`.

It takes requests from standard input and answers each on standard output, both pickled, until its input ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bitocr.errors import BitocrError


class Request(NamedTuple):
    """A file whose pages are wanted, one for each request for the next.

    megabytes: that the process may take. seconds: of work for a page; the system ends a process that takes more.
    """

    arguments: tuple[Any, ...]
    megabytes: int
    seconds: float


NEXT, CLOSE = "next", "close"


def run(pages: Callable[..., Iterator[Any]]) -> None:
    """pages: gives the pages of a file from a request's arguments."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for decoders that print
    found: Iterator[Any] = iter(())
    seconds = 0.0
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if isinstance(request, Request):
            _limit_memory(request.megabytes << 20)
            found, seconds = pages(*request.arguments), request.seconds
        elif request == CLOSE:
            found = iter(())
        else:
            pickle.dump(_next(found, seconds), answers, protocol=5)
            answers.flush()


def _next(found: Iterator[Any], seconds: float) -> Any:
    """The next page, None after the last one, or an error."""
    _limit_work(seconds)
    try:
        return next(found, None)
    except BitocrError as error:
        return error
    finally:
        _limit_work(0)


def _limit_work(seconds: float) -> None:
    """The system ends the process if it takes longer. Windows has no such limit."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _limit_memory(size: int) -> None:
    """A decoder that needs more memory fails."""
    try:
        import resource
    except ImportError:  # Windows
        return
    most = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (size if most == resource.RLIM_INFINITY else min(size, most), most))
