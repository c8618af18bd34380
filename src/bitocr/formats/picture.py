"""Annotated picture: the page with the boxes of its lines and words, and the text beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.draw import draw, with_text
from bitocr.errors import ImageError, UsageError
from bitocr.formats.document import Document
from bitocr.io.encode import encode
from bitocr.io.images import load_pages
from bitocr.page import Page
from bitocr.pdf import is_pdf


def render(documents: Sequence[Document], suffix: str) -> bytes:
    """Raises ImageError for several pages, since a picture shows only one, and if the source cannot be read again.

    Raises UsageError for a document without its source.
    """
    pages = [(document, page) for document in documents for page in document.pages]
    if len(pages) != 1:
        name = f"{documents[0].name}: " if documents else ""
        raise ImageError(f"{name}{len(pages)} pages, and a picture shows one: take another format, or a folder")
    [(document, page)] = pages
    pixels = next(_pages(document))
    picture = Image.fromarray(pixels).convert("RGB")
    if picture.size != (page.width, page.height):  # text of a PDF's page, on another picture of it
        picture = picture.resize((page.width, page.height))
    return encode([with_text(draw(np.asarray(picture), page, document.max_pixels), page)], Path(f"page{suffix}"))


def _pages(document: Document) -> Iterator[NDArray[np.uint8]]:
    if document.source is None:
        raise UsageError(f"{document.name}: a picture shows what was read: give the document's source")
    try:
        if is_pdf(document.source):
            from bitocr.pdf.bounded import read

            for page in read(document.source, document.max_pixels, with_text=False):  # type: ignore[arg-type]
                if isinstance(page, Page):
                    raise page.error or ImageError("no picture")
                yield page
        else:
            yield from load_pages(document.source, document.max_pixels)
    except ImageError as error:
        raise ImageError(f"{document.name}: {error}") from None
