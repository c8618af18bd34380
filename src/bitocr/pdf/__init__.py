"""PDF files (extra `pdf`): their pages as pictures, or as the text that they already hold."""

from __future__ import annotations

import os
import stat
from typing import Any

_HEAD = b"%PDF-"


def is_pdf(source: Any) -> bool:
    """Whether an image's source is a PDF file rather than a picture, by its beginning, or its name's ending."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source[:1024]).lstrip().startswith(_HEAD)
    if not isinstance(source, (str, os.PathLike)):
        return False
    path = os.fspath(source)
    return path.lower().endswith(".pdf") or _starts_as_pdf(path)


def _starts_as_pdf(path: str) -> bool:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return file.read(len(_HEAD)) == _HEAD
    except (OSError, ValueError):
        return False
