"""Pictures in tar archives, compressed ones too."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
from collections.abc import Callable, Iterator
from typing import IO, Any

from bitocr.batch.files import open_binary, stamp_of
from bitocr.batch.items import Item, bad, is_picture

_OPEN: dict[str, Callable[[IO[bytes]], Any]] = {
    ".tar": lambda file: file,
    ".tar.gz": gzip.open,
    ".tgz": gzip.open,
    ".tar.bz2": bz2.open,
    ".tar.xz": lzma.open,
}
_SUFFIXES = tuple(_OPEN)
DAMAGES = (tarfile.TarError, OSError, EOFError, lzma.LZMAError, ValueError)
"""Exceptions that reading a damaged archive may raise."""


def is_archive(path: str) -> bool:
    return path.endswith(_SUFFIXES)


def open_archive(path: str) -> IO[bytes]:
    """The archive's bytes, decompressed. Seeking forward in a compressed one decompresses what lies between."""
    decompress = next(decompress for suffix, decompress in _OPEN.items() if path.endswith(suffix))
    file: IO[bytes] = decompress(open_binary(path))
    return file


def members(path: str) -> Iterator[Item]:
    """The pictures of an archive. If it is damaged, those before the damage, and the archive itself as a bad item."""
    try:
        archive_stamp = stamp_of(path)
        with open_archive(path) as file, tarfile.open(fileobj=file, mode="r:") as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # which would grow with the archive
                if member.isreg() and not member.issparse() and is_picture(member.name):
                    place, size = member.offset_data, member.size
                    yield Item(f"{path}/{member.name}", f"{archive_stamp}-{place}-{size}", "tar", path, place, size)
    except DAMAGES as error:
        yield bad(path, f"a damaged archive ({error})")
