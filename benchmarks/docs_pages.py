"""Puts figures into pages of docs/, between two lines that name the script that prints them."""

from __future__ import annotations

from pathlib import Path

from bitocr.errors import UsageError
from bitocr.io.files import read_text, write_atomic


def marks(script: str) -> tuple[str, str]:
    """The lines before and after the figures of a script."""
    return f"<!-- benchmarks/{script} -->", f"<!-- /benchmarks/{script} -->"


def replace_between(begin: str, end: str, page: Path, text: str) -> None:
    """Replaces the text between the page's two lines. Raises UsageError if it lacks one."""
    before, found_begin, rest = read_text(page).partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise UsageError(f"{page}: it has no lines {begin} and {end}")
    write_atomic(page, f"{before}{begin}\n{text}\n{end}{after}".encode())
