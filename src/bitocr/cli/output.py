"""What the verbs print: plain text for people and pipes, JSON for programs."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Any

BOLD, DIM = "1", "2"


def clean(text: str) -> str:
    """Text with its control characters escaped: a file name must not control the terminal or break a line."""
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


def columns(text: str) -> int:
    """How many terminal columns a text takes: two for hanzi and full-width forms, none for combining accents."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in ("Mn", "Me") for character in text)


def with_name(name: str, error: Exception) -> str:
    """The error's message with the image's name in front, unless it begins with it."""
    message = str(error)
    return message if message.startswith(name) else f"{name}: {message}"


def print_json(value: Any, indent: int | None = None) -> None:
    """One JSON value on standard output: on one line, or indented if it is the only one."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def to_terminal() -> bool:
    return sys.stdout.isatty()


def styled(text: str, style: str) -> str:
    """Text for standard output, in a style where that is a terminal."""
    return f"\033[{style}m{text}\033[0m" if to_terminal() and not os.environ.get("NO_COLOR") else text


def table(rows: Sequence[Sequence[str]], right: Collection[int] = ()) -> list[str]:
    """Rows of cells, perhaps of different lengths, as lines of aligned columns, two spaces apart.

    Columns are aligned on the left, those numbered in `right` on the right.
    """
    widths = [max(map(columns, column)) for column in zip_longest(*rows, fillvalue="")]

    def padded(cell: str, number: int) -> str:
        space = " " * (widths[number] - columns(cell))
        return space + cell if number in right else cell + space

    return ["  ".join(padded(cell, number) for number, cell in enumerate(row)).rstrip() for row in rows]


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int] = (), dim: Collection[int] = ()
) -> None:
    """Prints a table under its header; rows numbered in `dim` stand back."""
    first, *lines = table([header, *rows], right)
    print(styled(first, DIM))
    for number, line in enumerate(lines):
        print(styled(line, DIM) if number in dim else line)
