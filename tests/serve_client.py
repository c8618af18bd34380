"""Helpers for tests of the service: an application in this process, pictures, and hostile files."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image
from starlette.testclient import TestClient

from bitocr.serve import Settings, create_app

DATA = Path(__file__).parent / "data"
LINE = (DATA / "bank.png").read_bytes()
TEXT = "AGRICULTURAL BANK OF CHINA"
PAGE = (DATA / "pages" / "receipt.gif").read_bytes()


@contextmanager
def client(**settings: Any) -> Iterator[TestClient]:
    """A client of a service with two threads and the English models."""
    chosen = {"models": ("english", "english-tiny"), "threads": 2, **settings}
    with TestClient(create_app(Settings(**chosen)), raise_server_exceptions=False) as opened:
        yield opened


def encoded(size: tuple[int, int] = (64, 32), kind: str = "PNG", **options: Any) -> bytes:
    """A white picture as a file."""
    file = io.BytesIO()
    Image.new(options.pop("mode", "L"), size, "white").save(file, kind, **options)
    return file.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG file whose header gives this size, without pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + struct.pack(">I", zlib.crc32(head))


def tiff(width: int, height: int, following: int = 0) -> bytes:
    """A TIFF file with one directory that holds only a size. `following` is the offset of the next; 8 is its own."""
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in ((256, width), (257, height))]
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + b"".join(entries) + struct.pack("<I", following)


def pages_of(*texts: bytes) -> bytes:
    """A TIFF file whose pages are these pictures."""
    first, *others = [Image.open(io.BytesIO(each)).convert("RGB") for each in texts]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()
