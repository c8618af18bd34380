"""Adds a text layer to an existing PDF file. Its pages stay as they are."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bitocr.errors import ImageError
from bitocr.page import Page
from bitocr.pdf.reading import PdfSource, missing
from bitocr.pdf.text import MODEL

if TYPE_CHECKING:
    import pikepdf

_SHOWN = ("Tj", "TJ", "'", '"')
_INVISIBLE = 3
_MOST_CONTENT_BYTES = 4 << 20  # of a page; instructions take a hundred times as much memory when they are parsed


def add_text(source: PdfSource, pages: Sequence[Page]) -> bytes:
    """The file with the text of its pages. Those whose own text was taken stay untouched. Raises ImageError.

    If a page held text and was read anyway, its invisible text is removed first; otherwise text would be found twice.
    """
    from bitocr.formats.pdf import text_alone

    with _opened(source) as pdf:
        sizes = [_size(page) for page in pdf.pages]
        read = [(i, page) for i, page in enumerate(pages[: len(sizes)]) if page.model != MODEL and page.error is None]
        layer = text_alone([(page, sizes[i]) for i, page in read])
        with _opened(layer) as texts:
            for (i, page), text in zip(read, texts.pages, strict=True):
                _remove_invisible_text(pdf, pdf.pages[i])
                if page.lines:
                    pdf.pages[i].add_overlay(text, None)
        return _saved(pdf)


def joined(files: Sequence[bytes]) -> bytes:
    """All pages of several files as one. Raises ImageError."""
    with _opened(files[0]) as whole:
        for each in files[1:]:
            with _opened(each) as pdf:
                whole.pages.extend(pdf.pages)
        return _saved(whole)


def _opened(source: PdfSource) -> pikepdf.Pdf:
    try:
        import pikepdf
    except ImportError:
        raise missing() from None
    try:
        is_data = isinstance(source, (bytes, bytearray, memoryview))
        return pikepdf.open(io.BytesIO(source) if is_data else os.fspath(source))  # type: ignore[arg-type]
    except pikepdf.PasswordError:
        raise ImageError("encrypted: remove its password first") from None
    except (pikepdf.PdfError, OSError) as error:
        raise ImageError(f"damaged, or not a PDF ({' '.join(str(error).split())})") from None


def _saved(pdf: pikepdf.Pdf) -> bytes:
    import pikepdf

    file = io.BytesIO()
    try:
        pdf.save(file)
    except pikepdf.PdfError as error:
        raise ImageError(f"damaged ({' '.join(str(error).split())})") from None
    return file.getvalue()


def _size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height of a page as it is shown, in points."""
    left, bottom, right, top = (float(each) for each in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    return (height, width) if page.rotation % 180 else (width, height)


def _remove_invisible_text(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    import pikepdf

    try:
        if _content_bytes(page) > _MOST_CONTENT_BYTES:
            return
        instructions = list(pikepdf.parse_content_stream(page))
    except pikepdf.PdfError:
        return  # a damaged page is shown as far as it can be, and stays as it is
    kept = _visible(instructions)
    if len(kept) < len(instructions):
        page.Contents = pdf.make_stream(pikepdf.unparse_content_stream(kept))


def _content_bytes(page: pikepdf.Page) -> int:
    import pikepdf

    contents: Any = page.obj.get("/Contents", pikepdf.Array())
    streams = contents if isinstance(contents, pikepdf.Array) else [contents]
    return sum(len(each.read_bytes()) for each in streams if isinstance(each, pikepdf.Stream))


def _visible(instructions: Sequence[Any]) -> list[Any]:
    """The page's instructions without invisible text. q and Q save and restore the mode that makes text invisible."""
    kept, mode, stack = [], 0, []
    for each in instructions:
        operator = str(each.operator)
        if operator == "q":
            stack.append(mode)
        elif operator == "Q" and stack:
            mode = stack.pop()
        elif operator == "Tr" and each.operands:
            mode = int(each.operands[0])
        if operator not in _SHOWN or mode != _INVISIBLE:
            kept.append(each)
    return kept
