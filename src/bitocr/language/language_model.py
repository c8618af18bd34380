"""What is known of a text before it is seen: an n-gram model and words, found for a model's language."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io import shipped
from bitocr.io.files import read_text
from bitocr.language.unicode_forms import normalise

LanguageModel = str | os.PathLike[str] | None


def find(
    card: Any, language_model: LanguageModel, words: Iterable[str] | None, beam: int | None
) -> tuple[str | None, bytes | None]:
    """The path of the n-gram model, and the words in UTF-8, parted by white space: the shipped ones and then one's own.

    The arguments are those of `Reader`, for a model with this card. Raises ModelError and UsageError.
    """
    if isinstance(words, (str, bytes)):
        raise UsageError("words is a list of words, not a string")
    if beam == 0 and (words is not None or language_model not in ("auto", None)):
        raise UsageError("words and a language model take a beam of 2 or more")
    if language_model is None or (language_model == "auto" and beam in (0, 1)):
        ngram, listed = None, None
    elif language_model == "auto":
        ngram, listed = shipped.ngram_for(card), shipped.words_for(card)
    else:
        ngram, listed = _named(language_model)
    texts = [] if listed is None else [read_text(listed)]
    if words is not None:
        texts.append("\n".join(map(normalise, words)))
    path = None if ngram is None else os.path.abspath(ngram)
    return path, "\n".join(texts).encode("utf-8", "replace") if texts else None


def _named(language_model: str | os.PathLike[str]) -> tuple[Path, Path | None]:
    """Of a shipped name the n-gram model and the list of words; of a file, a shipped one's name too, that alone."""
    name = os.fspath(language_model)
    if name in shipped.names(".ngram"):
        listed = shipped.FOLDER / f"{name}.words"
        return shipped.FOLDER / f"{name}.ngram", listed if listed.is_file() else None
    if name in (f"{known}.ngram" for known in shipped.names(".ngram")) and not Path(name).exists():
        return shipped.FOLDER / name, None
    return shipped.find(name, ".ngram"), None
