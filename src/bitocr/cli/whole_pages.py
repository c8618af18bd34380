"""`bitocr read` without --line: the text of whole pages."""

from __future__ import annotations

from argparse import Namespace
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.inputs import STDIN, expand, names_one_image
from bitocr.cli.options import open_reader
from bitocr.cli.output import DIM, clean, print_json, styled, with_name
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.io.images import Source
    from bitocr.page import Page


def run(args: Namespace) -> int:
    if args.min_confidence:
        raise UsageError("--min-confidence takes --line: a page leaves out by itself what is no text")
    reader = open_reader(args)
    printer = Printer(args.json, names_one_image(args.paths))
    names: deque[str] = deque()

    def sources() -> Iterator[Source]:
        for name, source in expand(args.paths, printer.problem):
            names.append(name)
            yield source

    for page in reader.read_pages(sources(), errors="return"):
        printer.page(names.popleft(), page)
    return SOME_FAILED if printer.failed else OK


class Printer:
    """Prints pages as they come, and keeps count of what went wrong."""

    def __init__(self, json: bool, alone: bool) -> None:
        self.json, self.alone = json, alone
        self.failed = self.printed = 0

    def problem(self, name: str, message: str) -> None:
        """A picture that could not be read: a line on standard error, and in JSON one on standard output too."""
        self.failed += 1
        fail(message)
        if self.json:
            print_json({"path": name, "error": message})

    def page(self, name: str, page: Page) -> None:
        if page.error is not None:
            self.problem(name, with_name("standard input" if name == STDIN else name, page.error))
        elif self.json:
            self._json(name, page)
        else:
            self._plain(name, page.text)

    def _json(self, name: str, page: Page) -> None:
        """A line for each page of the picture."""
        for number, one in enumerate(page.pages, 1):
            print_json({"schema": page.SCHEMA, "path": name, "page": number, **one.as_dict()})
        if not page.pages:
            print_json({"schema": page.SCHEMA, "path": name, **page.as_dict()})

    def _plain(self, name: str, text: str) -> None:
        """The text alone, or behind the picture's name where there are several."""
        if not self.alone:
            print(("\n" if self.printed else "") + styled(f"==> {clean(name)} <==", DIM))
        self.printed += 1
        for line in text.split("\n") if text else ():
            print("\t".join(map(clean, line.split("\t"))))
