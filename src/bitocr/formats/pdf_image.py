"""Pictures as a PDF holds them: JPEG files untouched, all others as compressed pixels."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.formats.pdf_file import Name, Value, name, number
from bitocr.io.images import MAX_FILE_BYTES, Source, load_pages

_SPACES = {1: "DeviceGray", 3: "DeviceRGB", 4: "DeviceCMYK"}
_FRAMES = (0xC0, 0xC1, 0xC2)  # markers of what every PDF program decodes: baseline, extended and progressive
_ADOBE, _EXIF_ORIENTATION = 0xEE, 0x0112
_STRIP = 1 << 22  # bytes that are compressed at once

# By EXIF orientation, where (1, 0), (0, 1) and (0, 0) of the stored picture come to lie on the page, of side 1.
_MATRICES = {
    1: (1, 0, 0, 1, 0, 0),
    2: (-1, 0, 0, 1, 1, 0),
    3: (-1, 0, 0, -1, 1, 1),
    4: (1, 0, 0, -1, 0, 1),
    5: (0, -1, -1, 0, 1, 1),
    6: (0, -1, 1, 0, 0, 1),
    7: (0, 1, 1, 0, 0, 0),
    8: (0, 1, -1, 0, 1, 0),
}


@dataclass(frozen=True)
class EncodedImage:
    """The data and the entries of an image's stream, and how the picture is turned as EXIF counts it."""

    data: bytes
    entries: dict[str, Value]
    orientation: int = 1

    def drawn(self, width: float, height: float) -> bytes:
        """The operators that draw it upright on a page of this size, in points."""
        a, b, c, d, e, f = _MATRICES[self.orientation]
        values = (a * width, b * height, c * width, d * height, e * width, f * height)
        return b"q %b cm /I Do Q\n" % b" ".join(map(number, values))


def encode(source: Source, max_pixels: int) -> Iterator[EncodedImage]:
    """The pages of an image. Raises ImageError."""
    data = _bytes(source)
    jpeg = None if data is None else _as_it_is(data)
    if jpeg is not None:
        yield jpeg
        return
    for page in load_pages(source if data is None else data, max_pixels):
        yield _compressed(page)


def _bytes(source: Source) -> bytes | None:
    """The file's contents, if the source is a file."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (np.ndarray, Image.Image)):
        return None
    if isinstance(source, (str, os.PathLike)):
        with suppress(OSError, ValueError), open(source, "rb") as file:  # `load_pages` tells what is wrong
            return file.read(MAX_FILE_BYTES)
        return None
    source.seek(0)
    return source.read(MAX_FILE_BYTES)


def _as_it_is(data: bytes) -> EncodedImage | None:
    """A JPEG file, unchanged; None if it is something else, or of a kind that PDF programs may show wrongly."""
    header = _jpeg_header(data) if data.startswith(b"\xff\xd8\xff") else None
    if header is None:
        return None
    width, height, components, has_adobe = header
    entries = _entries(width, height, components, 8, name("DCTDecode"))
    if components == 4 and has_adobe:  # Adobe's programs store ink inverted
        entries["Decode"] = [1, 0] * 4
    return EncodedImage(data, entries, _orientation(data))


def _jpeg_header(data: bytes) -> tuple[int, int, int, bool] | None:
    """(width, height, components, whether Adobe's marker was there)."""
    at, has_adobe = 2, False
    while at + 10 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        has_adobe |= marker == _ADOBE
        if marker in _FRAMES:
            height, width = (int.from_bytes(data[at + i : at + i + 2], "big") for i in (5, 7))
            identifiers = data[at + 10 : at + 10 + 3 * data[at + 9] : 3]
            is_plain = data[at + 4] == 8 and data[at + 9] in _SPACES and identifiers != b"RGB" and width and height
            return (width, height, data[at + 9], has_adobe) if is_plain else None
        at += 1 if marker == 0xFF else 2 + size
    return None


def _orientation(data: bytes) -> int:
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            found = image.getexif().get(_EXIF_ORIENTATION, 1)
    except Exception:  # a damaged EXIF block: `load` takes the picture as it stands, too
        return 1
    return found if found in _MATRICES else 1


def _entries(width: int, height: int, channels: int, bits: int, filter: Name) -> dict[str, Value]:
    return {
        "Type": name("XObject"),
        "Subtype": name("Image"),
        "Width": width,
        "Height": height,
        "ColorSpace": name(_SPACES[channels]),
        "BitsPerComponent": bits,
        "Filter": filter,
    }


def _compressed(pixels: NDArray[np.uint8]) -> EncodedImage:
    """Compressed pixels: one bit each if black and white, else differences between rows, which compress better."""
    pixels = _opaque(pixels)
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    filter = name("FlateDecode")
    if channels == 1 and _is_bilevel(pixels):
        data = zlib.compress(np.packbits(pixels.reshape(height, width) > 0, axis=1).tobytes(), 6)
        return EncodedImage(data, _entries(width, height, 1, 1, filter))
    entries = _entries(width, height, channels, 8, filter)
    entries["DecodeParms"] = {"Predictor": 12, "Colors": channels, "BitsPerComponent": 8, "Columns": width}
    return EncodedImage(_differences(pixels.reshape(height, width * channels)), entries)


def _opaque(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture on white paper, without transparency."""
    if pixels.ndim == 2 or pixels.shape[2] != 4:
        return pixels
    picture = Image.fromarray(pixels)
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return np.asarray(paper)


def _is_bilevel(pixels: NDArray[Any]) -> bool:
    return not bool((pixels[0] % 255).any()) and not bool((pixels % 255).any())


def _differences(rows: NDArray[np.uint8]) -> bytes:
    """PNG's filter 2 on every row, in strips, compressed."""
    compressor = zlib.compressobj(6)
    step = max(1, _STRIP // rows.shape[1])
    parts = []
    for top in range(0, len(rows), step):
        strip = rows[top : top + step]
        filtered = np.empty((len(strip), strip.shape[1] + 1), np.uint8)
        filtered[:, 0] = 2
        filtered[1:, 1:] = strip[1:] - strip[:-1]
        filtered[0, 1:] = strip[0] - rows[top - 1] if top else strip[0]
        parts.append(compressor.compress(filtered.tobytes()))
    return b"".join([*parts, compressor.flush()])
