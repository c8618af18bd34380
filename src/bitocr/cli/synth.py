"""`bitocr synth`: rendered images of text with their labels, on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from bitocr.cli.output import console
from bitocr.io.files import write_atomic

ON_SHEET = 200
"""Images on a contact sheet."""


class Kind(str, Enum):
    """What is rendered: scene words, lines of documents, text on screens, or words and lines."""

    words = "words"
    lines = "lines"
    screens = "screens"
    mix = "mix"


class Language(str, Enum):
    """Of the text."""

    english = "english"
    chinese = "chinese"


class Split(str, Enum):
    """Of the faces."""

    all = "all"
    training = "training"
    validation = "validation"


def command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to make.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many images.")],
    kind: Annotated[
        Kind, typer.Option(help="Scene words, lines of documents, screens, or words and lines.")
    ] = Kind.mix,
    language: Annotated[Language, typer.Option(help="Of the text.")] = Language.english,
    charset: Annotated[str, typer.Option(help="As in a recipe: chinese:2500, a .txt file (default: all).")] = "",
    longest: Annotated[int, typer.Option(min=0, help="Characters of a text at most; 0: no limit.")] = 0,
    split: Annotated[
        Split, typer.Option(help="Of the faces: validation is a tenth that training leaves out.")
    ] = Split.all,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and fonts give the same images.")] = 0,
    lmdb: Annotated[bool, typer.Option("--lmdb", help="An LMDB instead of images and labels.tsv.")] = False,
    sheet: Annotated[Path | None, typer.Option(help="A PNG to write, with the first 200 images on it.")] = None,
) -> None:
    """Render labelled images of text; stop with Ctrl-C and run again to go on.

    OUT holds images/ and labels.tsv (an image's path, a tab, its text), or with --lmdb the keys num-samples,
    image-%09d and label-%09d.
    """
    from bitocr.lab.data.charset import open_charset
    from bitocr.lab.data.synth import Renderer
    from bitocr.lab.data.synth.sheet import contact_sheet
    from bitocr.lab.data.writers import encode_png, write_samples

    screen = console(stderr=True)
    with screen.status("Looking at the fonts (once for each set of them) ..."):
        signs = open_charset(charset) if charset else None
        renderer = Renderer(
            kind.value, seed, language=language.value, charset=signs, longest=longest or None, split=split.value
        )
    faces = renderer.faces
    fonts = {"faces": len(faces), "fonts": sha256(repr(faces).encode()).hexdigest()}
    texts = {"language": language.value, "charset": charset, "longest": longest}
    settings = {"kind": kind.value, **texts, "seed": seed, "count": count, "split": split.value, **fonts}
    try:
        with _progress(count) as progress:
            write_samples(out, renderer.render, settings, lmdb, progress)
    except KeyboardInterrupt:
        screen.print(f"Stopped. The same command goes on from what is in {out}.part", markup=False)
        raise
    if sheet is not None:
        pictures = (renderer.render(index)[0] for index in range(min(count, ON_SHEET)))
        write_atomic(sheet, encode_png(contact_sheet(pictures)))
    print(f"{out}: {count} images")


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """A bar with the time that is left, on standard error where that is a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("Rendering"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    screen = console(stderr=True)
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=count)
        yield lambda done: bar.update(task, completed=done)
