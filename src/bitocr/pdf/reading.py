"""The pages of a PDF file: the text that they hold, or their pictures.

PDFium may run in one thread at a time, and a page may keep it busy for ever: use `bounded`, which runs this in a
process of its own.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ImageError
from bitocr.io.images import MAX_FILE_BYTES
from bitocr.io.pixels import check_size
from bitocr.page import Page

if TYPE_CHECKING:
    import pypdfium2

DPI = 300
MAX_PAGES = 20_000
_LONGEST = 30_000  # pixels of a side
_COVERS = 0.01  # of the page's size, by which an image may miss its edges

PdfSource = str | os.PathLike[str] | bytes | bytearray | memoryview


def missing() -> ImageError:
    return ImageError(f"a PDF, for which this lacks a package: run {sys.executable} -m pip install 'bitocr[pdf]'")


def read(source: PdfSource, max_pixels: int, with_text: bool = True) -> Iterator[Page | NDArray[np.uint8]]:
    """Each page: a Page made of the text that it holds, or its picture, uint8 [H, W(, 3)], to be read.

    Where one image covers a page, the picture is that image; all else is drawn at 300 dpi, or at less where that gave
    more than `max_pixels`. with_text: False gives pictures alone. Of a page that cannot be read it is a Page with its
    error. Raises ImageError of the file.
    """
    with opened(data_of(source)) as document:
        yield from pages(document, max_pixels, with_text)


def pages(
    document: pypdfium2.PdfDocument, max_pixels: int, with_text: bool, first: int = 0
) -> Iterator[Page | NDArray[np.uint8]]:
    """As `read`, of an open file from its page `first` on."""
    for number in range(first, len(document)):
        try:
            page = _read_page(document, number, max_pixels, with_text)
        except ImageError as error:
            page = failed(number, error)
        yield page


def failed(number: int, error: ImageError) -> Page:
    return Page(error=ImageError(f"page {number + 1}: {error}"))


@contextmanager
def opened(data: bytes) -> Iterator[pypdfium2.PdfDocument]:
    """Raises ImageError."""
    try:
        import pypdfium2
    except ImportError:
        raise missing() from None
    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        raise _told(error) from None
    try:
        if not 0 < count <= MAX_PAGES:
            raise ImageError(f"{count} pages: a PDF file has from 1 to {MAX_PAGES:,}")
        yield document
    finally:
        document.close()


def data_of(source: PdfSource) -> bytes:
    """The bytes of a file. Raises ImageError."""
    if not isinstance(source, (str, os.PathLike)):
        return bytes(source)
    try:
        if not os.path.isfile(source) and os.path.exists(source):
            raise ImageError("no file")
        with open(source, "rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ImageError(getattr(error, "strerror", None) or str(error)) from None
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"more than {MAX_FILE_BYTES >> 20} MB: split it")
    return data


def _told(error: Exception) -> ImageError:
    if "assword" in str(error):
        return ImageError("encrypted: remove its password first")
    return ImageError("damaged, or not a PDF")


def _read_page(
    document: pypdfium2.PdfDocument, number: int, max_pixels: int, with_text: bool
) -> Page | NDArray[np.uint8]:
    import pypdfium2

    from bitocr.pdf.text import text_of

    try:
        page = document[number]
    except pypdfium2.PdfiumError:
        raise ImageError("damaged") from None
    try:
        scale = _scale(page, max_pixels)
        found = text_of(page, scale) if with_text else None
        if found is not None:
            return found
        scan = _scan(page, max_pixels)
        return _drawn(page, scale) if scan is None else scan
    except (pypdfium2.PdfiumError, ValueError, MemoryError) as error:
        raise ImageError(f"damaged ({' '.join(str(error).split())})") from None
    finally:
        page.close()


def _scale(page: pypdfium2.PdfPage, max_pixels: int) -> float:
    """Pixels for each point of the page."""
    width, height = page.get_size()
    if not (width > 0 and height > 0 and math.isfinite(width * height)):
        raise ImageError(f"no area ({width:g} x {height:g})")
    return min(DPI / 72, math.sqrt(max_pixels / (width * height)) * 0.999, _LONGEST / max(width, height))


def _drawn(page: pypdfium2.PdfPage, scale: float) -> NDArray[np.uint8]:
    bitmap = page.render(scale=scale, rev_byteorder=True)
    pixels = np.array(bitmap.to_numpy()[..., :3], order="C")
    bitmap.close()
    return pixels


def _scan(page: pypdfium2.PdfPage, max_pixels: int) -> NDArray[np.uint8] | None:
    """The pixels of the image that is all of the page; None if there is no such image."""
    image = _only_image(page)
    if image is None:
        return None
    width, height = image.get_px_size()
    check_size(width, height, max_pixels)
    bitmap = image.get_bitmap(render=False)
    pixels = bitmap.to_numpy()
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    elif pixels.ndim == 3:
        pixels = pixels[..., 2::-1]  # PDFium has blue first
    pixels = np.array(pixels, order="C")  # the bitmap owns the others
    bitmap.close()
    return pixels


def _only_image(page: pypdfium2.PdfPage) -> Any:
    from pypdfium2 import raw

    image = None
    for each in page.get_objects(max_depth=1):
        if each.type == raw.FPDF_PAGEOBJ_TEXT and raw.FPDFTextObj_GetTextRenderMode(each) == 3:
            continue  # invisible
        if each.type != raw.FPDF_PAGEOBJ_IMAGE or image is not None:
            return None
        image = each
    return image if image is not None and _covers(page, image) and _is_plain(image) else None


def _covers(page: pypdfium2.PdfPage, image: Any) -> bool:
    """Whether an image lies upright on all of the page."""
    matrix = image.get_matrix()
    left, bottom, right, top = page.get_cropbox()
    wanted = (right - left, 0, 0, top - bottom, left, bottom)
    most = _COVERS * max(right - left, top - bottom)
    found = (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)
    return page.get_rotation() == 0 and all(abs(a - b) <= most for a, b in zip(found, wanted, strict=True))


def _is_plain(image: Any) -> bool:
    """Whether its pixels are what you see: no mask, no transparency, gray or RGB."""
    from pypdfium2 import raw

    data = image.get_metadata()
    spaces = (
        raw.FPDF_COLORSPACE_DEVICEGRAY,
        raw.FPDF_COLORSPACE_DEVICERGB,
        raw.FPDF_COLORSPACE_CALGRAY,
        raw.FPDF_COLORSPACE_CALRGB,
        raw.FPDF_COLORSPACE_ICCBASED,
        raw.FPDF_COLORSPACE_INDEXED,
    )
    return data.colorspace in spaces and data.bits_per_pixel <= 24 and not raw.FPDFPageObj_HasTransparency(image)
