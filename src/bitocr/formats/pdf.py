"""Searchable PDF: each picture unchanged, under invisible text that can be found and copied."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bitocr
from bitocr.errors import ImageError, UsageError
from bitocr.formats.document import Document
from bitocr.formats.pdf_file import PdfFile, Reference, Value, name
from bitocr.formats.pdf_font import add_font
from bitocr.formats.pdf_image import EncodedImage, encode
from bitocr.formats.pdf_text import text_layer
from bitocr.page import Page
from bitocr.pdf import is_pdf

_LONGEST = 14_400  # points that a page's side may have


def render(documents: Sequence[Document]) -> bytes:
    """Raises UsageError for a document without its source, and ImageError where that cannot be read again.

    Documents whose source is a PDF file keep their pages as they are, which takes pikepdf.
    """
    if not any(is_pdf(document.source) for document in documents):
        return _of_pictures(documents)
    from bitocr.pdf.layer import joined

    files = [_with_layer(each) if is_pdf(each.source) else _of_pictures([each]) for each in documents]
    return files[0] if len(files) == 1 else joined(files)


def _with_layer(document: Document) -> bytes:
    from bitocr.pdf.layer import add_text

    try:
        return add_text(document.source, document.pages)  # type: ignore[arg-type]
    except ImageError as error:
        raise ImageError(f"{document.name}: {error}") from None


def _of_pictures(documents: Sequence[Document]) -> bytes:
    file = PdfFile()
    parent = file.reserve()
    font = add_font(file)
    pages: list[Value] = [
        _add_page(file, parent, font, page, _size(page, document.resolution), image)
        for document in documents
        for page, image in zip(document.pages, _images(document), strict=True)
    ]
    file.set(parent, {"Type": name("Pages"), "Kids": pages, "Count": len(pages)})
    info = file.add({"Producer": f"bitocr {bitocr.__version__}"})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}), info)


def text_alone(pages: Sequence[tuple[Page, tuple[float, float]]]) -> bytes:
    """A PDF of pages with text only, to lay over others: each page with its (width, height) in points."""
    file = PdfFile()
    parent = file.reserve()
    font = add_font(file)
    made: list[Value] = [_add_page(file, parent, font, page, size) for page, size in pages]
    file.set(parent, {"Type": name("Pages"), "Kids": made, "Count": len(made)})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}))


def _size(page: Page, dpi: float) -> tuple[float, float]:
    """Width and height in points, within PDF's limits."""
    scale = 72 / max(dpi, max(page.width, page.height) * 72 / _LONGEST)
    return page.width * scale, page.height * scale


def _images(document: Document) -> Iterator[EncodedImage]:
    if document.source is None:
        raise UsageError(f"{document.name}: a searchable PDF shows what was read, so its document needs a source")
    return encode(document.source, document.max_pixels)


def _add_page(
    file: PdfFile,
    parent: Reference,
    font: Reference,
    page: Page,
    size: tuple[float, float],
    image: EncodedImage | None = None,
) -> Reference:
    width, height = size
    resources: dict[str, Value] = {"Font": {"F": font}}
    content = text_layer(page, width / max(page.width, 1))
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
