"""Processes that decode files which may take very long or crash their decoder.

Ordinary PNG, JPEG and WebP files take time in proportion to their pixels; the threads that read them decode them. All
others can be made to take hours: PDF files whose pages draw without end, animations, JPEG 2000 files of many layers.
A thread cannot be stopped, but a process can.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from threading import Timer
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ImageError
from bitocr.page import Page
from bitocr.serve.decoding import CLOSE, NEXT, Opening
from bitocr.serve.errors import out_of_time

SECONDS = 20.0
"""For one page."""
_BYTES_A_PIXEL, _MEGABYTES = 16, 256  # beside what the process takes when it does nothing


class Decoders:
    """As many processes as are needed at once; they are kept for the next file. Threads may share it."""

    def __init__(self, max_pixels: int) -> None:
        self._megabytes = _MEGABYTES + (_BYTES_A_PIXEL * max_pixels >> 20)
        self._idle: list[_Decoder] = []
        self._is_stopped = False

    def pages(self, file: Opening, deadline: float) -> Iterator[Page | NDArray[np.uint8]]:
        """As `documents.pages`. Raises ImageError also where the decoder takes too long or crashes.

        Raises RequestError (503) at the deadline (of `time.monotonic`).
        """
        decoder = self._take()
        try:
            decoder.send(file)
            while (page := decoder.next(SECONDS, deadline)) is not None:
                yield page
        finally:
            decoder.send(CLOSE)
            self._give(decoder)

    def stop(self) -> None:
        self._is_stopped = True
        while self._idle:
            self._idle.pop().stop()

    def _take(self) -> _Decoder:
        with suppress(IndexError):
            while True:
                decoder = self._idle.pop()
                if decoder.is_running:  # the system may have ended it meanwhile
                    return decoder
                decoder.stop()
        return _Decoder(self._megabytes)

    def _give(self, decoder: _Decoder) -> None:
        if decoder.is_alive and not self._is_stopped:
            self._idle.append(decoder)
        else:
            decoder.stop()


class _Decoder:
    """One process."""

    def __init__(self, megabytes: int) -> None:
        command = [sys.executable, "-c", "from bitocr.serve.decoding import main; main()", str(megabytes)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
        )  # a session of its own: Ctrl-C is for the service, which ends it
        self.is_alive = True

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

    def next(self, seconds: float, deadline: float) -> Any:
        """The next page, or None. Raises ImageError, RequestError."""
        left = deadline - time.monotonic()
        timer = Timer(max(0.0, min(seconds, left)), self._process.kill)
        timer.start()
        try:
            self.send(NEXT)
            answer = pickle.load(self._process.stdout)  # type: ignore[arg-type]
        except (EOFError, OSError, pickle.UnpicklingError):
            self.is_alive = False
            raise self._told(seconds, deadline) from None
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

    def _told(self, seconds: float, deadline: float) -> Exception:
        """Why the process is no more."""
        if time.monotonic() >= deadline:
            return out_of_time()
        if self._process.wait() == -9:
            return ImageError(f"decoding a page takes longer than {seconds:g} s: save it anew")
        return ImageError("damaged: its decoder crashed")
