"""What the verbs print: plain text for people and pipes, JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def clean(text: str) -> str:
    """Text with its control characters escaped: what a file is called must not steer the terminal or break a line."""
    return "".join(f"\\x{ord(c):02x}" if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") else c for c in text)


def columns(text: str) -> int:
    """How many columns of a terminal a text takes: hanzi and full-width forms two each, accents of their own none."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return len(text) + wide - sum(unicodedata.category(character) in ("Mn", "Me") for character in text)


def with_name(name: str, error: Exception) -> str:
    """The error's message with the image's name before it, where it does not begin with that already."""
    message = str(error)
    return message if message.startswith(name) else f"{name}: {message}"


def print_json(value: Any, indent: int | None = None) -> None:
    """One JSON value on standard output: on one line, or indented where it stands alone."""
    print(json.dumps(value, ensure_ascii=False, indent=indent, allow_nan=False))


def to_terminal() -> bool:
    return sys.stdout.isatty()


def console(stderr: bool = False) -> Console:
    """A rich console; elsewhere than on a terminal its tables are never cut to a width."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=False, width=None if stream.isatty() else 160)
