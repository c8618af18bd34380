"""The inputs of a batch: their names, their places, and a stamp that shows whether they have changed."""

from __future__ import annotations

import os
from typing import Literal, NamedTuple

from bitocr.io.images import FOREIGN_SUFFIXES, SUFFIXES

Kind = Literal["file", "url", "tar", "parquet", "bad"]
PICTURES = SUFFIXES | FOREIGN_SUFFIXES


class Item(NamedTuple):
    """One input: a picture, or a document of several pages.

    source: its name in the rows. stamp: changes when its content does (size, time of change). kind: how it is opened.
    path: the archive that it is in; of a "bad" input, what is wrong with it. place: the offset in bytes of a tar
    archive's member, the number of a parquet file's row. size: of a tar archive's member, in bytes.
    """

    source: str
    stamp: str
    kind: Kind = "file"
    path: str = ""
    place: int = 0
    size: int = 0


def bad(source: str, message: str) -> Item:
    """An input that is known to be unreadable. It becomes a row with its error, like any other."""
    return Item(source, "bad", "bad", message)


def stamp(status: os.stat_result) -> str:
    return f"{status.st_size}-{status.st_mtime_ns}"


def is_picture(name: str) -> bool:
    """Whether a file name is that of a picture or PDF, and not hidden."""
    dot = name.rfind(".")
    suffix = name[dot:]
    if suffix not in PICTURES and suffix.lower() not in PICTURES:
        return False
    start = name.rfind("/", 0, dot) + 1
    return dot > start and name[start] != "."
