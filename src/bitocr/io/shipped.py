"""The models, n-gram models and lists of words that come with the package, found by their name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from bitocr.errors import ModelError

FOLDER = Path(__file__).parents[1] / "models"
#: What the n-gram model and the list of words for texts of these languages are called, as cards name languages.
LANGUAGES = {frozenset({"en"}): "english", frozenset({"zh"}): "chinese", frozenset({"zh", "en"}): "chinese"}


def names(suffix: str = ".bit") -> list[str]:
    """The names of the shipped models, or with ".ngram" of the n-gram models, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob(f"*{suffix}"))


def find(model: str | os.PathLike[str], suffix: str = ".bit") -> Path:
    """The file of a model, given by a shipped model's name or by a path. Raises ModelError where there is none."""
    path = Path(model)
    named = FOLDER / f"{model}{suffix}"
    if path.name == str(model) and named.is_file():
        return named
    if path.is_file():
        return path
    if path.is_dir():
        raise ModelError(f"{path}: a folder, not a model")
    if path.suffix == suffix or path.name != str(model):
        raise ModelError(f"{path}: there is no such file")
    known = ", ".join(names(suffix)) or "none"
    what = "model" if suffix == ".bit" else "n-gram model"
    raise ModelError(
        f"no {what} is called '{model}': give the path of a {suffix} file or a shipped model's name ({known})"
    )


def ngram_for(card: Any) -> Path | None:
    """The shipped n-gram model for a model with this card: where there is one for just its languages."""
    return _for_languages(card, ".ngram")


def words_for(card: Any) -> Path | None:
    """The shipped list of words, in the same way."""
    return _for_languages(card, ".words")


def _for_languages(card: Any, suffix: str) -> Path | None:
    languages = card.get("languages") if isinstance(card, dict) else None
    if not isinstance(languages, list):
        return None
    name = LANGUAGES.get(frozenset(map(str, languages)))
    path = FOLDER / f"{name}{suffix}"
    return path if name and path.is_file() else None
