"""The models, n-gram models and lists of words that come with the package, found by their name."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from bitocr.native.library import call, lib, path_bytes

FOLDER = Path(__file__).parents[1] / "models"
DETECTOR = "page"
"""The name of the network that finds lines in pages; all others read lines."""
_ROOM = 1 << 12  # of a path


def names(suffix: str = ".bit") -> list[str]:
    """The names of the shipped models that read lines, or with ".ngram" of the n-gram models, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob(f"*{suffix}") if path.stem != DETECTOR)


def find(model: str | os.PathLike[str], suffix: str = ".bit") -> Path:
    """The file of a model, given by a shipped model's name or by a path. Raises ModelError if there is none."""
    path = ctypes.create_string_buffer(_ROOM)
    call(lib.bitocr_find_file, path_bytes(model), suffix.encode(), os.fsencode(FOLDER), path, len(path))
    return Path(os.fsdecode(path.value))
