"""Local and remote files."""

from __future__ import annotations

import os
import stat
from typing import IO, Any

from bitocr.batch.items import stamp
from bitocr.errors import ImageError
from bitocr.io.images import MAX_FILE_BYTES

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)  # do not wait for a pipe


def open_binary(path: str) -> IO[bytes]:
    """A seekable file, from a path or a URL that fsspec knows."""
    if "://" not in path:
        return open(path, "rb")
    from bitocr.batch import remote

    return remote.open_binary(path)


def stamp_of(path: str) -> str:
    if "://" not in path:
        return stamp(os.stat(path))
    from bitocr.batch import remote

    return remote.stamp_of(path)


def read_file(path: str) -> bytes:
    """A picture's file. Raises ImageError, whose message leaves out the path."""
    try:
        number = os.open(path, _FLAGS)
        try:
            return _read_open(number, os.fstat(number))
        finally:
            os.close(number)
    except (OSError, ValueError) as error:
        raise ImageError(getattr(error, "strerror", None) or str(error)) from None


def check_size(size: int) -> None:
    """Raises ImageError if a picture has too many bytes."""
    if size > MAX_FILE_BYTES:
        raise ImageError(f"more than {MAX_FILE_BYTES >> 20} MB")


def _read_open(number: int, status: Any) -> bytes:
    if not stat.S_ISREG(status.st_mode):
        raise ImageError("not a file")
    check_size(status.st_size)
    data = os.read(number, status.st_size)
    while len(data) < status.st_size and (more := os.read(number, status.st_size - len(data))):
        data += more
    return data
