"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bitocr.errors import UsageError
from bitocr.files import read_text

if TYPE_CHECKING:
    from bitocr.reader import Reader

Model = Annotated[str, typer.Option("--model", "-m", help="A shipped model's name or the path of a .bit file.")]
Threads = Annotated[int, typer.Option("--threads", "-t", min=0, max=1024, help="Images read at once; 0: all cores.")]
Beam = Annotated[int, typer.Option(min=0, max=1024, help="Width of the beam search; 0: the best character each step.")]
Words = Annotated[Path | None, typer.Option(help="A file of words, one a line, that the beam search prefers.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

BEAM_WITH_WORDS = 16


def open_reader(model: str, threads: int, beam: int, words: Path | None) -> Reader:
    """The reader for these options; a word list asks for a beam search by itself."""
    from bitocr.reader import Reader

    if words is None:
        return Reader(model, threads=threads, beam=beam)
    return Reader(model, threads=threads, beam=beam or BEAM_WITH_WORDS, words=read_words(words))


def read_words(path: Path) -> list[str]:
    """The words of a UTF-8 file, one a line. Raises UsageError."""
    words = [line.strip() for line in read_text(path).split("\n") if line.strip()]
    if not words:
        raise UsageError(f"{path}: no words in it (one a line)")
    return words
