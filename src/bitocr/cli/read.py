"""`bitocr read`: the text in images, whole pages or one line or word each."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bitocr.cli import OK, SOME_FAILED, fail, outputs, whole_pages
from bitocr.cli.inputs import STDIN, expand, names_one_image
from bitocr.cli.options import add_reading, open_reader
from bitocr.cli.output import DIM, clean, columns, print_json, styled, to_terminal, with_name
from bitocr.cli.parser import Parser, number

if TYPE_CHECKING:
    from bitocr.io.images import Source
    from bitocr.reader import Line

DETAILS = """\
For one image, the text is printed in reading order. For several, each text follows its path. With --json, each image
gives one line of JSON: blocks, lines, words and characters with their boxes and confidences. --model auto chooses the
English or the Chinese model for each page, and line by line where a page mixes them.

With --line, several images print their path, text and confidence (0 to 1), separated by tabs. --json adds every
character's score and its horizontal position in pixels."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="Images, folders, quoted patterns such as '*.png', or - for standard input.",
    )
    parser.add_argument("--line", action="store_true", help="Each image is one line or word.")
    whole_pages.add_arguments(parser)
    outputs.add_arguments(parser)
    add_reading(parser, threads=0)
    parser.add_argument(
        "--min-confidence",
        type=number(0, 1),
        default=0.0,
        metavar="CONFIDENCE",
        help="Leave out readings below this confidence.",
    )


def run(args: Namespace) -> int:
    if outputs.is_asked_for(args):
        return outputs.run(args)
    args.json = args.json or args.format == "json"
    if not args.line:
        return whole_pages.run(args)
    whole_pages.refuse_with_line(args)
    alone = names_one_image(args.paths)
    reader = open_reader(args, threads=1 if alone else None)
    printer = Printer(args.json, alone, args.min_confidence)
    names: deque[str] = deque()

    def sources() -> Iterator[Source]:
        for name, source in expand(args.paths, printer.problem):
            names.append(name)
            yield source

    for reading in reader.iter_lines(sources(), errors="return"):
        printer.image(names.popleft(), reading)
    return printer.finish()


class Printer:
    """Prints readings as they come, and counts failures."""

    def __init__(self, json: bool, alone: bool, min_confidence: float) -> None:
        self.json, self.alone, self.min_confidence = json, alone, min_confidence
        self.failed = self.left_out = 0
        self.width = 0
        self.pretty = to_terminal() and not json

    def problem(self, name: str, message: str) -> None:
        """Reports an image that could not be read, on standard error, and with JSON on standard output too."""
        self.failed += 1
        fail(message)
        if self.json:
            print_json({"path": name, "error": message})

    def image(self, name: str, line: Line) -> None:
        """Prints the reading of an image, or of each page of a file."""
        if not line.pages:
            self.line(name, line)
        for place, page in enumerate(line.pages, 1):
            self.line(name, page, place)

    def line(self, name: str, line: Line, page: int | None = None) -> None:
        if line.error is not None:
            self.problem(name, with_name("standard input" if name == STDIN else name, line.error))
        elif line.confidence < self.min_confidence:
            self.left_out += 1
        elif self.json:
            print_json(as_json(name, line, page))
        else:
            self._plain(clean(name), clean(line.text), f"{line.confidence:.3f}")

    def _plain(self, name: str, text: str, confidence: str) -> None:
        if not self.pretty:
            print(text if self.alone else f"{name}\t{text}\t{confidence}")
        elif self.alone:
            print(f"{text}  {styled(confidence, DIM)}")
        else:
            self.width = max(self.width, columns(name))
            padding = " " * (self.width - columns(name))
            print(f"{name}{padding}  {text}  {styled(confidence, DIM)}")

    def finish(self) -> int:
        """Reports what was left out, and returns the exit code."""
        if self.left_out:
            print(f"bitocr: {self.left_out} left out: their confidence is below --min-confidence", file=sys.stderr)
        return SOME_FAILED if self.failed else OK


def as_json(name: str, line: Line, page: int | None = None) -> dict[str, Any]:
    chars = [{"char": c.char, "score": round(c.score, 4), "x": round(c.x, 1)} for c in line.chars]
    place = {"path": name} if page is None else {"path": name, "page": page}
    return {**place, "text": line.text, "confidence": round(line.confidence, 4), "angle": line.angle, "chars": chars}
