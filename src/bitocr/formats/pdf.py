"""Searchable PDF: each picture as it was given, and over it the text, which can be found and copied but not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bitocr
from bitocr.errors import UsageError
from bitocr.formats.document import Document
from bitocr.formats.pdf_file import PdfFile, Reference, Value, name
from bitocr.formats.pdf_font import add_font
from bitocr.formats.pdf_image import EncodedImage, encode
from bitocr.formats.pdf_text import text_layer
from bitocr.page import Page

_LONGEST = 14_400  # points that a page's side may have


def render(documents: Sequence[Document]) -> bytes:
    """Raises UsageError for a document without its source, and ImageError where that cannot be read again."""
    file = PdfFile()
    parent = file.reserve()
    font = add_font(file)
    pages: list[Value] = [
        _add_page(file, parent, font, page, image, document.resolution)
        for document in documents
        for page, image in zip(document.pages, _images(document), strict=True)
    ]
    file.set(parent, {"Type": name("Pages"), "Kids": pages, "Count": len(pages)})
    info = file.add({"Producer": f"bitocr {bitocr.__version__}"})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}), info)


def text_only(page: Page, dpi: float) -> bytes:
    """A page of a PDF with the text alone, to be laid over another page."""
    file = PdfFile()
    parent = file.reserve()
    font = add_font(file)
    file.set(parent, {"Type": name("Pages"), "Kids": [_add_page(file, parent, font, page, None, dpi)], "Count": 1})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}))


def _images(document: Document) -> Iterator[EncodedImage]:
    if document.source is None:
        raise UsageError(f"{document.name}: a searchable PDF shows what was read, so its document needs a source")
    return encode(document.source, document.max_pixels)


def _add_page(
    file: PdfFile, parent: Reference, font: Reference, page: Page, image: EncodedImage | None, dpi: float
) -> Reference:
    scale = 72 / max(dpi, max(page.width, page.height) * 72 / _LONGEST)
    width, height = page.width * scale, page.height * scale
    resources: dict[str, Value] = {"Font": {"F": font}}
    content = text_layer(page, scale)
    if image is not None:
        resources["XObject"] = {"I": file.add_stream(image.data, image.entries, is_compressed=True)}
        content = image.drawn(width, height) + content
    return file.add(
        {
            "Type": name("Page"),
            "Parent": parent,
            "MediaBox": [0, 0, round(width, 3), round(height, 3)],
            "Resources": resources,
            "Contents": file.add_stream(content),
        }
    )
