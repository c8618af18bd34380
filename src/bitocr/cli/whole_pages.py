"""`bitocr read` without --line: the text of whole pages."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.inputs import STDIN, expand, names_one_image
from bitocr.cli.options import add_json, open_reader
from bitocr.cli.output import DIM, clean, print_json, styled, with_name
from bitocr.cli.parser import Parser
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.io.images import Source
    from bitocr.page import Page
    from bitocr.progress import Progress
    from bitocr.reader import Reader


def add_arguments(parser: Parser) -> None:
    """Adds the options of whole pages."""
    add_json(parser)
    parser.add_argument(
        "--draw",
        metavar="OUT",
        help="Write the picture with the boxes and the reading order of its lines there: a .png, .jpg, ... file. "
        "Of several pictures or pages the files are numbered, OUT-1.png, OUT-2.png, ...",
    )
    parser.add_argument(
        "--clean",
        default="none",
        metavar="STEPS",
        help="Clean pictures first: some of normalize, denoise, deskew, remove-rules, otsu and sauvola, with "
        "commas between them; none; or auto, what is known to help.",
    )


def refuse_with_line(args: Namespace) -> None:
    """Raises UsageError for options that a line cannot have."""
    for name in ("draw", "clean"):
        if getattr(args, name) not in (None, "none"):
            raise UsageError(f"--{name} is for whole pages: leave out --line")


def run(args: Namespace) -> int:
    from bitocr.progress import Progress

    if args.min_confidence:
        raise UsageError("--min-confidence needs --line: a page drops what is not text by itself")
    alone = names_one_image(args.paths)
    drawing = Drawing(Path(args.draw), alone, args.max_pixels) if args.draw else None
    reader = open_reader(args)
    with Progress() as show:
        printer = Printer(args.json, alone, show)
        try:
            read_all(reader, args, printer, drawing)
        except KeyboardInterrupt:
            show.clear()
            fail(f"interrupted: {printer.pictures} of the pictures were read")
            raise
    return SOME_FAILED if printer.failed else OK


def read_all(reader: Reader, args: Namespace, printer: Printer, drawing: Drawing | None) -> None:
    names: deque[tuple[str, Source]] = deque()
    total = 0 if printer.alone or not sys.stderr.isatty() else sum(1 for _ in expand(args.paths, lambda *_: None))

    def sources() -> Iterator[Source]:
        for name, source in expand(args.paths, printer.problem):
            kept = sys.stdin.buffer.read() if drawing and name == STDIN else source  # it is read, and drawn on
            names.append((name, kept))
            yield kept

    for page in reader.read_pages(sources(), errors="return", clean=args.clean):
        name, source = names.popleft()
        printer.page(name, page)
        if drawing and page.error is None:
            drawing.draw(source, page)
        if total > 1:
            printer.show("reading", printer.pictures, total)


class Drawing:
    """Writes pictures of what was found; numbered ones unless it is a single one."""

    def __init__(self, out: Path, alone: bool, max_pixels: int) -> None:
        from bitocr.io.encode import check_suffix

        check_suffix(out, "--draw")
        self._out, self._alone, self._max_pixels, self._count = out, alone, max_pixels, 0

    def draw(self, source: Source, page: Page) -> None:
        """Writes a file for each page of the picture."""
        from bitocr.draw import draw
        from bitocr.io.encode import encode
        from bitocr.io.files import write_atomic
        from bitocr.io.images import load_pages

        for array, one in zip(load_pages(source, self._max_pixels), page.pages or (page,), strict=True):
            self._count += 1
            is_single = self._alone and not page.pages
            out = self._out if is_single else self._out.with_stem(f"{self._out.stem}-{self._count}")
            write_atomic(out, encode([draw(array, one, self._max_pixels)], out))


class Printer:
    """Prints pages as they come, and keeps count of what went wrong."""

    def __init__(self, json: bool, alone: bool, show: Progress) -> None:
        self.json, self.alone, self.show = json, alone, show
        self.failed = self.printed = self.pictures = 0

    def problem(self, name: str, message: str) -> None:
        """Reports a picture that could not be read, on standard error, and with JSON on standard output too."""
        self.show.clear()
        self.failed += 1
        fail(message)
        if self.json:
            print_json({"path": name, "error": message})

    def page(self, name: str, page: Page) -> None:
        self.show.clear()
        self.pictures += 1
        for error in page.errors:
            self.problem(name, with_name("standard input" if name == STDIN else name, error))
        if self.json:
            self._json(name, page)
        elif not page.is_lost:
            self._plain(name, page)

    def _json(self, name: str, page: Page) -> None:
        """A line for each page of the picture that could be read."""
        for number, one in enumerate(page.pages or (page,), 1):
            if one.error is None:
                print_json({"schema": page.SCHEMA, "path": name, "page": number, **one.as_dict()})

    def _plain(self, name: str, page: Page) -> None:
        """The text, after the picture's name if there are several; a form feed before each page except the first."""
        if not self.alone:
            print(("\n" if self.printed else "") + styled(f"==> {clean(name)} <==", DIM))
        self.printed += 1
        for number, one in enumerate(page.pages or (page,)):
            lines = one.text.split("\n") if one.text else []
            print(
                "\f" if number else "",
                *("\t".join(map(clean, line.split("\t"))) + "\n" for line in lines),
                sep="",
                end="",
            )
