"""Repairs damaged files that have all their pixels, so that they can be read."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.io.pixels import check_size

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_CHUNK = struct.Struct(">I4s")
_ANIMATION = frozenset((b"acTL", b"fcTL", b"fdAT"))  # which no longer fit together once one of them is gone
_END = b"\xff\xd9"
_RESTARTS = [bytes((0xFF, 0xD0 + n)) for n in range(8)]


def repaired(data: bytes, limit: int) -> bytes | None:
    """The file's bytes, repaired so that Pillow reads them; None if that is impossible, or pixels are missing.

    limit: pixels that are decoded at most. Raises ImageError or whatever Pillow's decoders raise.
    """
    if data.startswith(_PNG):
        return _png(data)
    return _jpeg(data, limit) if data.startswith(_JPEG) else None


def _png(data: bytes) -> bytes | None:
    """Without the ancillary chunks whose checksum is wrong, as libpng reads it: no pixels are in them."""
    kept, at, is_changed = [data[: len(_PNG)]], len(_PNG), False
    while at + _CHUNK.size <= len(data):
        length, kind = _CHUNK.unpack_from(data, at)
        end = at + _CHUNK.size + length + 4
        is_ancillary = bool(kind[0] & 32)
        if is_ancillary and (kind in _ANIMATION or not _is_intact(data, at, end)):
            is_changed = True
        else:
            kept.append(data[at:end])
        at = end
    return b"".join(kept) if is_changed else None


def _is_intact(data: bytes, at: int, end: int) -> bool:
    return data[end - 4 : end] == zlib.crc32(memoryview(data)[at + 4 : end - 4]).to_bytes(4, "big")


def _jpeg(data: bytes, limit: int) -> bytes | None:
    """With an end marker, if the pixels are the same whatever follows the data: then all of them are in it.

    The decoder makes up what is missing. Other data in its place, in the scan or after a restart, give other pixels.
    """
    data = data.rstrip(b"\xff")
    whole = _decode(data + _END, limit)
    for byte in (b"\x55", b"\xaa"):
        noise = 64 * byte
        for rest in (noise, noise.join(2 * _RESTARTS) + noise):
            if not np.array_equal(_decode(data + rest + _END, limit), whole):
                return None
    return data + _END


def _decode(data: bytes, limit: int) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        check_size(*image.size, limit)
        return np.asarray(image)
