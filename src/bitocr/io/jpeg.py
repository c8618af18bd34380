"""JPEG files of the plain kind, read in a third of the time that Pillow's image files take.

Most of what Pillow does about a small JPEG is Python: it tries formats, parses each segment, and looks for EXIF. Here
the size is read from the file's head, and Pillow's decoder is given the file: the same decoder, so the same pixels.
"""

from __future__ import annotations

import math
import struct

import numpy as np
from numpy.typing import NDArray
from PIL import Image

START = b"\xff\xd8"
_SEGMENT = struct.Struct(">HH")  # marker, bytes of the segment but the marker
_FRAME = struct.Struct(">BHHB")  # bits, height, width, channels
_FRAMES = frozenset((0xFFC0, 0xFFC1, 0xFFC2))  # baseline, extended, progressive
_SCAN = 0xFFDA
_JFIF = (0xFFE0, 16)
_TABLES = frozenset((0xFFDB, 0xFFC4, 0xFFDD))  # quantization, Huffman codes, restarts
_MODES = {1: "L", 3: "RGB"}
MAX_SCANS = 200
"""Cameras and programs write 10. Each of a progressive file takes time for all of the picture, however short it is."""
_PROGRESSIVE = 0xFFC2
_MAX_PIXELS = 1 << 20  # of larger ones the pixels are what takes time


def decode(data: bytes) -> NDArray[np.uint8] | None:
    """The pixels as Pillow gives them, uint8 [H, W] or [H, W, 3]; None if only `Image.open` can tell what it is.

    That is whatever is damaged or out of the ordinary: other segments, as EXIF, four channels, a large image.
    """
    if not data.startswith(START):
        return None
    try:
        frame = _frame(data)
        if frame is None:
            return None
        return np.frombuffer(_pixels(data, *frame), np.uint8).reshape(frame[1])
    except Exception:  # Image.open fails too, and says at what; or this Pillow has no such decoder
        return None


def scans(data: bytes) -> int:
    """An upper bound of their number: the marker never occurs in a scan, but perhaps in other segments."""
    return data.count(b"\xff\xda")


def _pixels(data: bytes, mode: str, shape: tuple[int, ...]) -> bytes:
    """What Image.frombytes and tobytes do, without memory that is filled before and shrunk after."""
    image = Image.core.new(mode, (shape[1], shape[0]))
    decoder = Image.core.jpeg_decoder(mode, mode, "")
    decoder.setimage(image, (0, 0, shape[1], shape[0]))
    used, error = decoder.decode(data)
    if used >= 0 or error:
        raise ValueError("not enough data" if used >= 0 else "damaged")
    encoder = Image.core.raw_encoder(mode, mode, 0, 1)
    encoder.setimage(image, (0, 0, shape[1], shape[0]))
    pixels: bytes = encoder.encode(math.prod(shape))[2]
    return pixels


def _frame(data: bytes) -> tuple[str, tuple[int, ...]] | None:
    """Pillow's mode and the array's shape, if the file has only the usual segments before the scan."""
    found, at = None, len(START)
    while True:
        marker, length = _SEGMENT.unpack_from(data, at)
        if marker == _SCAN:
            return found
        if marker in _FRAMES and found is None:
            bits, height, width, channels = _FRAME.unpack_from(data, at + 4)
            if bits != 8 or channels not in _MODES or length != 8 + 3 * channels:
                return None
            if not 0 < width * height <= _MAX_PIXELS or (marker == _PROGRESSIVE and scans(data) > MAX_SCANS):
                return None
            found = _MODES[channels], (height, width) if channels == 1 else (height, width, channels)
        elif marker not in _TABLES and (marker, length) != _JFIF:
            return None
        at += 2 + length
