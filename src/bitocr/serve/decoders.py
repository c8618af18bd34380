"""Processes that decode files which may take very long or crash their decoder.

Ordinary PNG, JPEG and WebP files take time in proportion to their pixels; the threads that read them decode them. All
others can be made to take hours, and are decoded here: PDF files whose pages draw without end, animations, JPEG 2000
files of many layers.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bitocr.io import decoders, decoding
from bitocr.io.decoding import Request
from bitocr.page import Page
from bitocr.serve.documents import pages
from bitocr.serve.errors import out_of_time

SECONDS = 20.0
"""For one page."""
_BYTES_A_PIXEL, _MEGABYTES = 16, 256  # in addition to the idle process


class Opening(NamedTuple):
    """A file whose pages are wanted."""

    data: bytes
    max_pixels: int
    is_line: bool


class Decoders:
    """As many processes as are needed at once; they are kept for the next file. Threads may share it."""

    def __init__(self, max_pixels: int) -> None:
        self._megabytes = _MEGABYTES + (_BYTES_A_PIXEL * max_pixels >> 20)
        self._processes = decoders.Decoders(__name__)

    def pages(self, file: Opening, deadline: float) -> Iterator[Page | NDArray[np.uint8]]:
        """Like `documents.pages`. Also raises ImageError if the decoder takes too long or crashes.

        Raises RequestError (503) at the deadline (of `time.monotonic`).
        """
        try:
            yield from self._processes.pages(Request(tuple(file), self._megabytes, SECONDS), SECONDS, deadline)
        except TimeoutError:
            raise out_of_time() from None

    def stop(self) -> None:
        self._processes.stop()


def main() -> None:
    """The life of such a process."""
    decoding.run(pages)
