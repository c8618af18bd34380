"""Processes that decode files which may take very long or crash the decoder.

A thread cannot be stopped, but a process can.
"""

from __future__ import annotations

import math
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Timer
from typing import Any

from bitocr.errors import ImageError
from bitocr.io.decoding import CLOSE, NEXT, Request


class LostDecoderError(ImageError):
    """The decoder took too long, or crashed. Another one may decode the pages that follow."""


class Decoders:
    """As many processes as are needed at once; they are kept for the next file. Threads may share it."""

    def __init__(self, module: str) -> None:
        """module: its function `main` is the life of a process (see `decoding.run`)."""
        self._module = module
        self._idle: list[_Decoder] = []
        self._is_stopped = False

    def pages(self, request: Request, seconds: float, deadline: float = math.inf) -> Iterator[Any]:
        """The process's result for a file. Raises the process's errors, and LostDecoderError.

        seconds: that may go by for a page. Raises TimeoutError at the deadline (of `time.monotonic`).
        """
        decoder = self._take()
        try:
            decoder.send(request)
            while (page := decoder.next(request.seconds, seconds, deadline)) is not None:
                yield page
        finally:
            decoder.send(CLOSE)
            self._give(decoder)

    def stop(self) -> None:
        self._is_stopped = True
        while self._idle:
            self._idle.pop().stop()

    def forget(self) -> None:
        """In a process that was forked from the one that has the decoders."""
        self._idle = []

    def _take(self) -> _Decoder:
        with suppress(IndexError):
            while True:
                decoder = self._idle.pop()
                if decoder.is_running:  # the system may have ended it meanwhile
                    return decoder
                decoder.stop()
        return _Decoder(self._module)

    def _give(self, decoder: _Decoder) -> None:
        if decoder.is_alive and not self._is_stopped:
            self._idle.append(decoder)
        else:
            decoder.stop()


class _Decoder:
    """One process. It imports what this one does, and nothing from the folder in which it happens to be."""

    def __init__(self, module: str) -> None:
        code = f"import sys; sys.path[:] = {[*filter(None, sys.path)]!r}; from {module} import main; main()"
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # a session of its own: Ctrl-C is for this process, which ends it
        self.is_alive, self._is_late = True, False

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def send(self, request: Any) -> None:
        assert self._process.stdin is not None
        try:
            pickle.dump(request, self._process.stdin, protocol=5)
            self._process.stdin.flush()
        except OSError:
            self.is_alive = False

    def next(self, work: float, seconds: float, deadline: float) -> Any:
        """The next page, or None. work: seconds that it may take, of which an error tells."""
        timer = Timer(max(0.0, min(seconds, deadline - time.monotonic())), self._end)
        timer.start()
        try:
            self.send(NEXT)
            answer = pickle.load(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, pickle.UnpicklingError):
            self.is_alive = False
            raise self._told(work, deadline) from None
        except BaseException:  # Ctrl-C: its answer is not to be taken for the next file's
            self.is_alive = False
            raise
        finally:
            timer.cancel()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stop(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        self._process.wait()

    def _end(self) -> None:
        self._is_late = True
        self._process.kill()

    def _told(self, work: float, deadline: float) -> Exception:
        """Why the process is no more."""
        if time.monotonic() >= deadline:
            return TimeoutError()
        code = self._process.wait()
        if self._is_late or code == -getattr(signal, "SIGPROF", code):
            return LostDecoderError(f"decoding a page takes longer than {work:g} s: save it anew")
        return LostDecoderError("damaged: its decoder crashed")
