"""A picture's size from its header alone: nothing is decoded or allocated."""

from __future__ import annotations

import io
import struct
from typing import NamedTuple

from bitocr.errors import ImageError
from bitocr.io.images import open_any
from bitocr.io.pixels import check_size, decoder_errors
from bitocr.serve import tiff
from bitocr.serve.errors import too_large

_PNG_START = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_JPEG_START = b"\xff\xd8"
_SEGMENT = struct.Struct(">HH")  # marker, bytes of the segment but the marker
_FRAMES = frozenset(range(0xFFC0, 0xFFD0)) - {0xFFC4, 0xFFC8, 0xFFCC}
_SCAN = 0xFFDA
_SEGMENTS = 64  # that are looked at


class Size(NamedTuple):
    """The pixels to count for a picture. limit: the most pixels that its decoder may find.

    is_everyday: its decoder takes time in proportion to its pixels.
    """

    pixels: int
    limit: int
    is_everyday: bool = False


def at_a_glance(data: bytes, max_pixels: int) -> Size | None:
    """The size of an everyday PNG, JPEG or WebP file; None of all else. Raises RequestError (413), ImageError.

    The decoder may then find no more than was counted, so a file with two headers gains nothing.
    """
    size = _png(data) or _jpeg(data) or _webp(data)
    if size is None:
        return None
    pixels = _checked(*size, max_pixels)
    return Size(pixels, pixels, is_everyday=True)


def measure(data: bytes, max_pixels: int, max_pages: int) -> Size:
    """The size of any picture. It may take a moment: not for the event loop. Raises RequestError (413), ImageError.

    Frames of an animation have sizes of their own, so that the largest allowed is counted.
    """
    if tiff.is_tiff(data):
        return Size(_largest_page(data, max_pixels, max_pages), max_pixels)
    if data.startswith(b"RIFF"):
        _check_canvas(data, max_pixels)
    with decoder_errors(), open_any(io.BytesIO(data), max_pixels) as image:
        size = image.size
        is_animated = getattr(image, "is_animated", False) and image.format != "MPO"
    pixels = _checked(*size, max_pixels)
    return Size(max_pixels if is_animated else pixels, max_pixels)


def _checked(width: int, height: int, limit: int) -> int:
    if width * height > limit:
        raise too_large(f"{width} x {height} is more than {limit:,} pixels: crop or shrink the picture")
    check_size(width, height, limit)
    return width * height


def _largest_page(data: bytes, max_pixels: int, max_pages: int) -> int:
    pixels = 0
    for page, (width, height) in enumerate(tiff.pages(data)):
        if page >= max_pages:
            raise too_large(f"more than {max_pages} pages in the file")
        pixels = max(pixels, _checked(width, height, max_pixels))
    if not pixels:
        raise ImageError("damaged or cut short (no page in the TIFF file)")
    return pixels


def _png(data: bytes) -> tuple[int, int] | None:
    if not data.startswith(_PNG_START) or len(data) < 24 or b"acTL" in data:
        return None
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _jpeg(data: bytes) -> tuple[int, int] | None:
    """The frame's size, if it is among the first segments."""
    if not data.startswith(_JPEG_START):
        return None
    at, size = len(_JPEG_START), None
    for _ in range(_SEGMENTS):
        if at + 9 > len(data):
            return None
        marker, length = _SEGMENT.unpack_from(data, at)
        if marker == _SCAN:
            return size
        if marker in _FRAMES:
            height, width = _SEGMENT.unpack_from(data, at + 5)
            size = width, height
        if marker < 0xFFC0:
            return None
        at += 2 + length
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    return None if b"ANIM" in data[:64] else _canvas(data)


def _check_canvas(data: bytes, max_pixels: int) -> None:
    """Pillow's decoder makes room for the whole canvas of a WebP file as it opens it."""
    canvas = _canvas(data)
    if canvas is not None:
        _checked(*canvas, max_pixels)


def _canvas(data: bytes) -> tuple[int, int] | None:
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP" or len(data) < 30:
        return None
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF
