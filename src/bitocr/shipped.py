"""The models that come with the package, found by their name."""

from __future__ import annotations

import os
from pathlib import Path

from bitocr.errors import ModelError

FOLDER = Path(__file__).with_name("models")


def names() -> list[str]:
    """The names of the shipped models, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.bit"))


def find(model: str | os.PathLike[str]) -> Path:
    """The file of a model, given by a shipped model's name or by a path. Raises ModelError where there is none."""
    path = Path(model)
    named = FOLDER / f"{model}.bit"
    if path.name == str(model) and named.is_file():
        return named
    if path.is_file():
        return path
    if path.is_dir():
        raise ModelError(f"{path}: a folder, not a model")
    if path.suffix == ".bit" or path.name != str(model):
        raise ModelError(f"{path}: there is no such file")
    known = ", ".join(names()) or "none"
    raise ModelError(f"no model is called '{model}': give the path of a .bit file or a shipped model's name ({known})")
