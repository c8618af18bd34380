"""WebP files of one image and nothing else, given to Pillow's decoder at once: see jpeg.py."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_MODES = {"RGBX": "RGB", "RGBA": "RGBA"}
_MAX_PIXELS = 1 << 20  # of larger ones the pixels are what takes time


def decode(data: bytes) -> NDArray[np.uint8] | None:
    """The pixels as Pillow gives them, uint8 [H, W, 3 or 4]; None if only `Image.open` can tell what it is.

    That is whatever is damaged or has more than an image: EXIF, a colour profile, frames.
    """
    if not data.startswith(b"RIFF"):
        return None
    try:
        size = _size(data)
        return None if size is None else _pixels(data, size)
    except Exception:  # Image.open fails too, and says at what; or this Pillow has no such decoder
        return None


def _size(data: bytes) -> tuple[int, int] | None:
    """The width and height, if the first chunk is the image and it is not large."""
    if data[8:16] == b"WEBPVP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif data[8:16] == b"WEBPVP8 ":
        width, height = (number & 0x3FFF for number in struct.unpack_from("<HH", data, 26))
    else:
        return None
    return (width, height) if 0 < width * height <= _MAX_PIXELS else None


def _pixels(data: bytes, size: tuple[int, int]) -> NDArray[np.uint8] | None:
    from PIL import _webp

    decoder = _webp.WebPAnimDecoder(data)
    *_, frames, raw_mode = decoder.get_info()
    if frames != 1 or any(map(decoder.get_chunk, ("EXIF", "XMP "))):
        return None
    mode = _MODES[raw_mode]
    raw = decoder.get_next()[0]
    width, height = size
    if len(raw) != 4 * width * height:
        return None
    if mode == "RGB":
        raw = _without_fourth(raw, size)
    return np.frombuffer(raw, np.uint8).reshape(height, width, len(mode))


def _without_fourth(raw: bytes, size: tuple[int, int]) -> bytes:
    """RGB of RGBX, by Pillow's loop, which is faster than numpy's."""
    image = Image.core.map_buffer(raw, size, "raw", 0, ("RGBX", 0, 1))
    encoder = Image.core.raw_encoder("RGBX", "RGB", 0, 1)
    encoder.setimage(image, (0, 0, *size))
    pixels: bytes = encoder.encode(3 * size[0] * size[1])[2]
    return pixels
