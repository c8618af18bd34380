"""What an input holds: one picture, or the pages of a document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bitocr.errors import ImageError


class Picture(NamedTuple):
    """What is given to a reader: an encoded image's bytes, or why there are none. page: its number, from 1."""

    data: bytes
    error: ImageError | None = None
    page: int = 1


def pictures(data: bytes) -> Iterator[Picture]:
    """The pictures to read in an input's bytes. A TIFF counts as one, whose pages the reader finds."""
    if data.startswith(b"%PDF-"):
        yield from _pdf(data)
    else:
        yield Picture(data)


def _pdf(data: bytes) -> Iterator[Picture]:
    yield Picture(b"", ImageError("a PDF: turn its pages into pictures first (pdftoppm -r 300 -png)"))
