"""Label files: one image a line, its path (relative to the label file), a tab, its text. UTF-8."""

from __future__ import annotations

import os
from pathlib import Path

from bitocr.errors import UsageError
from bitocr.io.files import read_text


def read_labels(path: str | os.PathLike[str], limit: int | None = None) -> list[tuple[Path, str]]:
    """The images and their texts in the file's order, the first `limit` of them. Raises UsageError."""
    path = Path(path)
    labels = []
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        name, tab, label = line.partition("\t")
        if not tab or not name or "\0" in name:
            raise UsageError(f"{path}, line {number}: expected an image's path, a tab and its text")
        labels.append((path.parent / name, label))
        if len(labels) == limit:
            break
    if not labels:
        raise UsageError(f"{path}: no labels in it (an image's path, a tab and its text on each line)")
    return labels
