"""The images that a command line names: files, folders, patterns, and `-` for standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bitocr.io.images import FOREIGN_SUFFIXES, SUFFIXES, Source

STDIN = "-"


def expand(arguments: list[str], problem: Callable[[str, str], None]) -> Iterator[tuple[str, Source]]:
    """Gives (name, image) for each image named; calls `problem(name, message)` if an argument names none.

    Folders are searched in depth and in alphabetical order for files with an image's suffix, without hidden ones.
    Pictures that cannot be read are included, so that they are reported. An argument that looks like a pattern and is
    not a file is matched here: a quoted pattern works like one that the shell expands.
    """
    for argument in arguments:
        if argument == STDIN:
            if sys.stdin.isatty():
                problem(STDIN, "standard input is the terminal: send an image through a pipe")
            else:
                yield STDIN, sys.stdin.buffer
        elif os.path.isdir(argument):
            yield from _folder(argument, problem)
        elif is_pattern(argument) and not os.path.lexists(argument):
            yield from _pattern(argument, problem)
        else:
            yield argument, argument


def names_one_image(arguments: list[str]) -> bool:
    """Whether the arguments name a single image, whose reading then needs no name beside it."""
    if len(arguments) != 1 or os.path.isdir(arguments[0]):
        return False
    return os.path.isfile(arguments[0]) or not is_pattern(arguments[0])


def is_pattern(argument: str) -> bool:
    """Whether an argument looks like a pattern of file names."""
    return any(character in argument for character in "*?[")


def _pattern(pattern: str, problem: Callable[[str, str], None]) -> Iterator[tuple[str, Source]]:
    import glob

    matches = sorted(glob.iglob(pattern, recursive=True))
    if not matches:
        problem(pattern, f"{pattern}: no file matches")
    for match in matches:
        if not os.path.isdir(match):
            yield match, match


def _folder(folder: str, problem: Callable[[str, str], None]) -> Iterator[tuple[str, Source]]:
    def unreadable(error: OSError) -> None:
        problem(error.filename, f"{error.filename}: {error.strerror}")

    empty = True
    for root, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES | FOREIGN_SUFFIXES:
                empty = False
                path = os.path.join(root, name)
                yield path, path
    if empty:
        problem(folder, f"{folder}: no images in it")
