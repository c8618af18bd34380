"""Output formats: documents become the bytes of a file. Each format is a module, loaded when it is needed.

>>> from bitocr.formats import Document, render
>>> render("hocr", [Document.of("photo.jpg", reader.read("photo.jpg"))])
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from pathlib import Path

from bitocr.errors import UsageError
from bitocr.formats.document import Document

__all__ = ["FORMATS", "Document", "format_of", "render", "suffix_of"]

# Each format's name, file endings, and module, which has `render(documents) -> bytes`.
FORMATS: dict[str, tuple[tuple[str, ...], str]] = {
    "text": ((".txt",), "text"),
    "json": ((".json", ".jsonl"), "json_lines"),
    "tsv": ((".tsv",), "tsv"),
    "hocr": ((".hocr",), "hocr"),
    "alto": ((".xml", ".alto"), "alto"),
    "markdown": ((".md",), "markdown"),
    "pdf": ((".pdf",), "pdf"),
    "png": ((".png",), "png"),
    "jpeg": ((".jpg", ".jpeg"), "jpeg"),
}


def render(name: str, documents: Sequence[Document]) -> bytes:
    """Turns documents into one file of this format.

    Text is UTF-8. Pages are numbered through all documents. Only "pdf", "png" and "jpeg" need the documents' sources.
    Raises UsageError if there is no such format, and ImageError if a source cannot be read.
    """
    if name not in FORMATS:
        raise UsageError(f"there is no format {name!r}: choose one of {', '.join(FORMATS)}")
    module = importlib.import_module(f"bitocr.formats.{FORMATS[name][1]}")
    data: bytes = module.render(documents)
    return data


def format_of(path: str | os.PathLike[str]) -> str:
    """The format for a file's ending. Raises UsageError if there is none."""
    suffix = Path(path).suffix.lower()
    for name, (suffixes, _) in FORMATS.items():
        if suffix in suffixes:
            return name
    known = " ".join(suffix for suffixes, _ in FORMATS.values() for suffix in suffixes)
    raise UsageError(f"{path}: no format has this ending ({known}): choose one with --format")


def suffix_of(name: str) -> str:
    """The usual ending of a format's files, with its dot."""
    return FORMATS[name][0][0]
