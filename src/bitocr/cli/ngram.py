"""`bitocr ngram`: builds a character n-gram model for beam search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    out: Annotated[Path, typer.Argument(metavar="OUT.ngram", help="The file to write.")],
    language: Annotated[str, typer.Option(help="Words of a language that has a word list: en, zh, de, fr, ...")] = "en",
    words: Annotated[
        Path | None, typer.Option(help="Instead: a file of words, one a line, each with a tab and its count.")
    ] = None,
    lines: Annotated[Path | None, typer.Option(help="Running text that shows what follows what, in lines.")] = None,
    sources: Annotated[str, typer.Option(help="Where the lines are from, with their licence, for the card.")] = "",
    order: Annotated[
        int | None, typer.Option(min=1, max=8, help="The longest run of characters; 6, of Chinese 3.")
    ] = None,
    size: Annotated[int, typer.Option(min=1000, max=1 << 24, help="Bytes of the file, about.")] = 400_000,
    weight: Annotated[float, typer.Option(min=0, max=100, help="How much it counts beside the network.")] = 0.3,
    bonus: Annotated[float, typer.Option(min=-100, max=100, help="For each character, against short texts.")] = 1.05,
    case_cost: Annotated[float, typer.Option(min=0, max=100, help="For a capital within a word, and the like.")] = 1.5,
) -> None:
    """Build a model of which characters follow which, for `read --language-model OUT.ngram`.

    The same arguments give the same file. english.ngram is `bitocr ngram english.ngram`; the weights were tuned for it.
    docs/decoding.md has the commands that made chinese.ngram.
    """
    from bitocr.io.files import write_atomic
    from bitocr.lab.ngram.build import build_file
    from bitocr.lab.ngram.file import Weights

    longest = order or (3 if language == "zh" else 6)
    data = build_file(language, words, lines, longest, size, Weights(weight, bonus, case_cost), sources)
    write_atomic(out, data)
    print(f"{out}: {len(data):,} bytes")
