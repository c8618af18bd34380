"""The pages of a PDF file within bounded time and memory: a process reads them, see `reading`.

A few hundred bytes of forms in forms keep PDFium busy for days, also while it looks for text, and it cannot be
interrupted there.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ImageError
from bitocr.io import decoding
from bitocr.io.decoders import Decoders, LostDecoderError
from bitocr.io.decoding import Request
from bitocr.page import Page
from bitocr.pdf import reading
from bitocr.pdf.reading import PdfSource

SECONDS = 20.0
"""Of work for one page."""
MOST_LOST = 10
"""Pages of a file that may take longer, or crash PDFium."""
_PATIENCE = 10  # times as many seconds may go by, as processors may be busy with other work
_BYTES_A_PIXEL, _MEGABYTES, _COPIES = 16, 512, 4  # that the process may take, also for each byte of the file

_decoders = Decoders(__name__)
atexit.register(_decoders.stop)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_decoders.forget)


def read(source: PdfSource, max_pixels: int, with_text: bool = True) -> Iterator[Page | NDArray[np.uint8]]:
    """As `reading.read`; pages that take longer than `SECONDS`, or crash PDFium, have an error, too."""
    if find_spec("pypdfium2") is None:
        raise _named(source, reading.missing())
    try:
        for page in _pages(reading.data_of(source), max_pixels, with_text):
            if isinstance(page, Page) and isinstance(page.error, ImageError):
                page = Page(error=_named(source, page.error))
            yield page
    except ImageError as error:
        raise _named(source, error) from None


def _pages(data: bytes, max_pixels: int, with_text: bool) -> Iterator[Page | NDArray[np.uint8]]:
    megabytes = _MEGABYTES + (_BYTES_A_PIXEL * max_pixels + _COPIES * len(data) >> 20)
    number = 0
    for _ in range(MOST_LOST):
        request = Request((data, max_pixels, with_text, number), megabytes, SECONDS)
        found = _decoders.pages(request, _PATIENCE * SECONDS)
        next(found)  # the file is open
        try:
            for page in found:
                yield page
                number += 1
            return
        except LostDecoderError as error:
            yield reading.failed(number, error)
            number += 1
    yield reading.failed(number, ImageError("left out with all that follow: too many could not be decoded"))


def _named(source: PdfSource, error: ImageError) -> ImageError:
    return ImageError(f"{Path(source)}: {error}") if isinstance(source, (str, os.PathLike)) else error


def main() -> None:
    """The life of the process."""
    decoding.run(_opened)


def _opened(data: bytes, max_pixels: int, with_text: bool, first: int) -> Iterator[Any]:
    """First that the file can be opened, then its pages."""
    with reading.opened(data) as document:
        yield True
        yield from reading.pages(document, max_pixels, with_text, first)
