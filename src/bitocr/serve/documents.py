"""What a file holds: pages as pictures, or of a PDF file as the text that is in them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.io.images import load_pages
from bitocr.page import Page
from bitocr.serve import sizes
from bitocr.serve.errors import RequestError
from bitocr.serve.sizes import Size


def pages(data: bytes, max_pixels: int, is_line: bool) -> Iterator[Page | NDArray[np.uint8]]:
    """Each page as soon as it is decoded. is_line: only pictures are wanted. Raises ImageError, RequestError (415)."""
    if _is_pdf(data):
        for page in _pdf_reading().read(data, max_pixels, not is_line):
            if isinstance(page, Page) and page.error is not None:
                raise page.error
            yield page
    else:
        yield from load_pages(data, max_pixels)


def check_readable(data: bytes) -> None:
    """Raises RequestError (415) for a PDF file if the package for it is missing."""
    if _is_pdf(data):
        _pdf_reading()


def at_a_glance(data: bytes, max_pixels: int) -> Size | None:
    """The size of an everyday file; None of all else. Raises RequestError (413), ImageError.

    Pages of a PDF file are drawn with `max_pixels` at most.
    """
    return Size(max_pixels, max_pixels) if _is_pdf(data) else sizes.at_a_glance(data, max_pixels)


def _is_pdf(data: bytes) -> bool:
    return data[:1024].lstrip().startswith(b"%PDF-")


def _pdf_reading() -> Any:
    """The module that reads PDF files. Raises RequestError (415) if its package is missing."""
    try:
        importlib.import_module("pypdfium2")
        return importlib.import_module("bitocr.pdf.reading")
    except ImportError:
        raise RequestError(415, "this service reads no PDF files: its host needs pip install 'bitocr[pdf]'") from None
