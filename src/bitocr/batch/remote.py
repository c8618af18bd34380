"""Inputs in file systems that fsspec knows: s3://, gs://, https://, memory:// and others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from bitocr.batch import parquet, tar
from bitocr.batch.files import check_size
from bitocr.batch.items import Item, is_picture
from bitocr.errors import ImageError, UsageError

_CHANGES = ("ETag", "etag", "LastModified", "mtime", "updated", "last_modified", "created")


def find(url: str) -> Iterator[Item]:
    """Pictures and archives below a URL, those that match it, or the URL itself. Raises UsageError."""
    system, path = _system(url)
    try:
        if any(character in path for character in "*?["):
            found = system.glob(path, detail=True)
        elif system.isdir(path):
            found = system.find(path, detail=True)
        else:
            yield from _file(url, system.info(path))
            return
    except (OSError, ValueError) as error:
        raise UsageError(f"{url}: {error}") from None
    for name in sorted(found):
        if found[name].get("type") != "directory" and _is_wanted(name):
            yield from _file(system.unstrip_protocol(name), found[name])


def read(url: str) -> bytes:
    """A picture's bytes. Raises ImageError."""
    try:
        system, path = _system(url)
        check_size(system.size(path) or 0)
        return bytes(system.cat_file(path))
    except ImageError:
        raise
    except Exception as error:  # every file system has its own
        raise ImageError(" ".join(str(error).split()) or type(error).__name__) from None


def open_binary(url: str) -> IO[bytes]:
    system, path = _system(url)
    file: IO[bytes] = system.open(path, "rb")
    return file


def stamp_of(url: str) -> str:
    system, path = _system(url)
    return _stamp(system.info(path))


def _is_wanted(name: str) -> bool:
    hidden = name.rpartition("/")[2].startswith(".")
    return is_picture(name) or (not hidden and (tar.is_archive(name) or name.endswith(".parquet")))


def _file(url: str, details: dict[str, Any]) -> Iterator[Item]:
    if tar.is_archive(url):
        yield from tar.members(url)
    elif url.endswith(".parquet"):
        yield from parquet.rows(url)
    else:
        yield Item(url, _stamp(details), "url")


def _stamp(details: dict[str, Any]) -> str:
    return "-".join(str(details[key]) for key in ("size", *_CHANGES) if key in details)


def _system(url: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    try:
        system, path = url_to_fs(url)
    except (ImportError, ValueError) as error:  # an unknown protocol, or one that needs its own package
        raise UsageError(f"{url}: {error}") from None
    return system, path
