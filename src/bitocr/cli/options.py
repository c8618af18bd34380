"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bitocr.errors import UsageError
from bitocr.io.files import read_text

if TYPE_CHECKING:
    from bitocr.reader import Reader

Model = Annotated[str, typer.Option("--model", "-m", help="A shipped model's name or the path of a .bit file.")]
Threads = Annotated[int, typer.Option("--threads", "-t", min=0, max=1024, help="Images read at once; 0: all cores.")]
Words = Annotated[
    Path | None, typer.Option(help="A file of words to expect, one a line; added to those of the language model.")
]
LanguageModel = Annotated[
    str,
    typer.Option(
        help="english: n-grams and words; chinese: n-grams; a .ngram file; auto: the model's language; none: none."
    ),
]
Beam = Annotated[
    int | None,
    typer.Option(
        min=0, max=256, help="Texts weighed up; 16 by default, 0: the best character each step, no n-grams or words."
    ),
]
Reread = Annotated[
    float | None,
    typer.Option(min=0, max=1, help="Images of less confidence are read again in other ways; 0.8 by default, 0: none."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def open_reader(
    model: str, threads: int, beam: int | None, words: Path | None, language_model: str, reread: float | None = None
) -> Reader:
    """The reader for these options."""
    from bitocr.reader import Reader

    return Reader(
        model,
        threads=threads,
        beam=beam,
        words=None if words is None else read_words(words),
        language_model=None if language_model == "none" else language_model,
        reread=reread,
    )


def read_words(path: Path) -> list[str]:
    """The words of a UTF-8 file, one a line. Raises UsageError."""
    words = [line.strip() for line in read_text(path).split("\n") if line.strip()]
    if not words:
        raise UsageError(f"{path}: no words in it (one a line)")
    return words
