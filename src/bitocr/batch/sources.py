"""Finds the inputs: in folders, patterns, lists, archives and remote file systems."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from bitocr.batch import parquet, tar
from bitocr.batch.items import Item, bad, is_picture, stamp
from bitocr.errors import UsageError
from bitocr.io.files import read_text


def find(inputs: Iterable[str], skip: str = "") -> Iterator[Item]:
    """The inputs in a fixed order: arguments as they come, each folder's files by name and then its folders.

    An argument is a folder, a pattern, a picture, a .tar or .parquet file, @FILE with a path on each line, or a URL
    that fsspec knows. skip: a folder, by its absolute path, that is left out. Raises UsageError if an argument names
    nothing; what is wrong inside of a folder, a list or an archive becomes a bad item.
    """
    for name in inputs:
        items = _argument(name, skip)
        first = next(items, None)
        if first is None:
            raise UsageError(f"{name}: no pictures in it")
        yield first
        yield from items


def is_url(name: str) -> bool:
    return "://" in name and not os.path.exists(name)


def _argument(name: str, skip: str) -> Iterator[Item]:
    if is_url(name):
        from bitocr.batch import remote

        return remote.find(name)
    if name.startswith("@"):
        return _list(name[1:])
    if os.path.isdir(name):
        return chain.from_iterable(_folder(os.path.normpath(name), skip))
    return _file(os.path.normpath(name)) if os.path.lexists(name) else _pattern(name)


def _pattern(pattern: str) -> Iterator[Item]:
    import glob

    matches = sorted(glob.iglob(pattern, recursive=True))
    if not matches:
        raise UsageError(f"{pattern}: no such file or folder")
    for match in matches:
        if not os.path.isdir(match):
            yield from _file(os.path.normpath(match))


def _list(path: str) -> Iterator[Item]:
    for line in read_text(path).split("\n"):
        if is_url(line):
            yield Item(line, "", "url")
        elif line.strip():
            yield from _file(line)


def _file(path: str) -> Iterator[Item]:
    if tar.is_archive(path):
        return tar.members(path)
    if path.endswith(".parquet"):
        return parquet.rows(path)
    return iter((_picture(path),))


def _picture(path: str) -> Item:
    try:
        return Item(path, stamp(os.stat(path)))
    except (OSError, ValueError) as error:  # ValueError: a null character
        return bad(path, getattr(error, "strerror", None) or str(error))


def _folder(folder: str, skip: str) -> Iterator[Iterable[Item]]:
    """Pictures and archives in a folder and those below, hidden ones left out. Links to folders are not followed.

    They come in groups, as a generator within a generator for each file would take as long as to find it.
    """
    try:
        with os.scandir(folder) as entries:
            names = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        yield (bad(folder, error.strerror or str(error)),)
        return
    inside = os.path.join(folder, "")
    for are_pictures, group in groupby((name for name, is_folder in names if not is_folder), is_picture):
        if are_pictures:
            yield (_picture(inside + name) for name in group)
        else:
            yield from (_file(inside + name) for name in group if _is_archive(name))
    for name, is_folder in names:
        if is_folder and not name.startswith(".") and os.path.abspath(inside + name) != skip:
            yield from _folder(inside + name, skip)


def _is_archive(name: str) -> bool:
    return not name.startswith(".") and (tar.is_archive(name) or name.endswith(".parquet"))
