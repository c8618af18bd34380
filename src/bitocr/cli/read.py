"""`bitocr read`: the text in images, one line or word each."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.inputs import STDIN, expand, names_one_image
from bitocr.cli.options import Beam, Json, LanguageModel, Model, Reread, Threads, Words, open_reader
from bitocr.cli.output import clean, columns, print_json, to_terminal, with_name
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.io.images import Source
    from bitocr.reader import Line


def command(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Images, folders, quoted patterns, or - for standard input.")
    ],
    line: Annotated[bool, typer.Option("--line", help="Each image is one line or word.")] = False,
    json: Json = False,
    model: Model = "english",
    threads: Threads = 0,
    words: Words = None,
    language_model: LanguageModel = "auto",
    beam: Beam = None,
    reread: Reread = None,
    min_confidence: Annotated[float, typer.Option(min=0, max=1, help="Leave out readings below this.")] = 0.0,
) -> None:
    """Read the text in images.

    One image prints its text. Several print the path, the text and the confidence (0 to 1), with a tab between them.
    With --json each image gives one line of JSON, with every character's score and horizontal position in pixels.
    """
    if not line:
        raise UsageError("whole pages cannot be read yet: cut out the lines and read them with --line")
    alone = names_one_image(paths)
    reader = open_reader(model, 1 if alone else threads, beam, words, language_model, reread)
    printer = Printer(json, alone, min_confidence)
    names: deque[str] = deque()

    def sources() -> Iterator[Source]:
        for name, source in expand(paths, printer.problem):
            names.append(name)
            yield source

    for reading in reader.iter_lines(sources(), errors="return"):
        printer.line(names.popleft(), reading)
    raise typer.Exit(printer.finish())


class Printer:
    """Prints readings as they come, and keeps count of what went wrong."""

    def __init__(self, json: bool, alone: bool, min_confidence: float) -> None:
        self.json, self.alone, self.min_confidence = json, alone, min_confidence
        self.failed = self.left_out = 0
        self.width = 0
        self.pretty = to_terminal() and not json
        self.dim = ("\033[2m", "\033[0m") if self.pretty and not os.environ.get("NO_COLOR") else ("", "")

    def problem(self, name: str, message: str) -> None:
        """An image that could not be read: a line on standard error, and in JSON one on standard output too."""
        self.failed += 1
        fail(message)
        if self.json:
            print_json({"path": name, "error": message})

    def line(self, name: str, line: Line) -> None:
        if line.error is not None:
            self.problem(name, with_name("standard input" if name == STDIN else name, line.error))
        elif line.confidence < self.min_confidence:
            self.left_out += 1
        elif self.json:
            print_json(as_json(name, line))
        else:
            self._plain(clean(name), clean(line.text), f"{line.confidence:.3f}")

    def _plain(self, name: str, text: str, confidence: str) -> None:
        before, after = self.dim
        if not self.pretty:
            print(text if self.alone else f"{name}\t{text}\t{confidence}")
        elif self.alone:
            print(f"{text}  {before}{confidence}{after}")
        else:
            self.width = max(self.width, columns(name))
            padding = " " * (self.width - columns(name))
            print(f"{name}{padding}  {text}  {before}{confidence}{after}")

    def finish(self) -> int:
        """The exit code, after a word on what was left out."""
        if self.left_out:
            print(f"bitocr: {self.left_out} left out, read with less confidence than asked for", file=sys.stderr)
        return SOME_FAILED if self.failed else OK


def as_json(name: str, line: Line) -> dict[str, Any]:
    chars = [{"char": c.char, "score": round(c.score, 4), "x": round(c.x, 1)} for c in line.chars]
    return {"path": name, "text": line.text, "confidence": round(line.confidence, 4), "chars": chars}
