"""Loads the bytes of items in order; remote ones ahead of time."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import IO, TYPE_CHECKING, NamedTuple

from bitocr.batch import tar
from bitocr.batch.files import check_size, read_file
from bitocr.batch.items import Item
from bitocr.errors import ImageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from bitocr.batch.parquet import Rows

_FETCHED_AT_ONCE = 16


class Loaded(NamedTuple):
    """An input's bytes with their SHA-256 in hexadecimal, or the reason why there are none."""

    item: Item
    data: bytes = b""
    sha256: str | None = None
    error: ImageError | None = None


class Loader:
    """Opens items, and keeps the last archive open. folder: the base of relative paths."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._path = ""
        self._archive: IO[bytes] | Rows | None = None

    def load_all(self, items: Iterable[Item]) -> Iterator[Loaded]:
        for far, group in groupby(items, lambda item: item.kind == "url"):
            load_group = self._ahead if far else self._one_by_one
            yield from load_group(group)

    def _one_by_one(self, items: Iterable[Item]) -> Iterator[Loaded]:
        return map(self._load, items)

    def _ahead(self, items: Iterable[Item]) -> Iterator[Loaded]:
        """Loads several at once and gives them in order."""
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(_FETCHED_AT_ONCE)
        waiting: deque[Future[Loaded]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(self._load, item))
                if len(waiting) > _FETCHED_AT_ONCE:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _load(self, item: Item) -> Loaded:
        try:
            data = self._bytes(item)
        except ImageError as error:
            return Loaded(item, error=error)
        return Loaded(item, data, hashlib.sha256(data).hexdigest())

    def _bytes(self, item: Item) -> bytes:
        if item.kind == "file":
            return read_file(os.path.join(self._folder, item.source))
        if item.kind == "url":
            from bitocr.batch import remote

            return remote.read(item.source)
        if item.kind == "bad":
            raise ImageError(item.path)
        return self._from_archive(item)

    def _from_archive(self, item: Item) -> bytes:
        try:
            if self._path != item.path:
                self._open(item)
            return self._member(item)
        except ImageError:
            raise
        except tar.DAMAGES as error:
            self._path = ""
            raise ImageError(f"a damaged archive ({' '.join(str(error).split())})") from None

    def _open(self, item: Item) -> None:
        from bitocr.batch.parquet import Rows

        path = item.path if "://" in item.path else os.path.join(self._folder, item.path)
        self._archive = tar.open_archive(path) if item.kind == "tar" else Rows(path)
        self._path = item.path

    def _member(self, item: Item) -> bytes:
        if item.kind == "parquet":
            return self._archive[item.place]  # type: ignore[index]
        check_size(item.size)
        self._archive.seek(item.place)  # type: ignore[union-attr]
        data: bytes = self._archive.read(item.size)  # type: ignore[union-attr]
        if len(data) < item.size:
            raise ImageError("the archive is cut short")
        return data
