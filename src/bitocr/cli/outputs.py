"""`bitocr read -o` and `--format`: pages in the formats of files, to a file, to a folder, or to standard output."""

from __future__ import annotations

import io
import os
import sys
from argparse import Namespace
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.inputs import STDIN, expand
from bitocr.cli.options import open_reader
from bitocr.cli.output import to_terminal, with_name
from bitocr.cli.parser import Parser
from bitocr.defaults import FORMATS
from bitocr.errors import ImageError, UsageError

if TYPE_CHECKING:
    from bitocr.formats import Document
    from bitocr.io.images import Source
    from bitocr.page import Page

_PRINTED = (None, "text", "json")  # what `bitocr read` prints without this module


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="Write to this file; its ending chooses the format: .txt .json .tsv .hocr .xml (ALTO) .md .pdf .png .jpg. "
        "With --format and a folder, write a file for each input. A PDF shows the picture with invisible text over it; "
        "a picture shows one page with its boxes, and the text beside it.",
    )
    parser.add_argument("--format", choices=FORMATS, help="The output format; json is the same as --json.")
    parser.add_argument("--force", action="store_true", help="Also read pages of PDF files that already hold text.")


def is_asked_for(args: Namespace) -> bool:
    return args.output is not None or args.format not in _PRINTED


def run(args: Namespace) -> int:
    if args.line or args.min_confidence:
        raise UsageError("--output and --format are for whole pages: leave out --line and --min-confidence")
    if args.draw:
        raise UsageError("--draw goes with text and JSON on standard output: leave out --output and --format")
    if args.json:
        args.format = "json"
    target = _target(args)
    reader = open_reader(args)
    names: deque[tuple[str, Source]] = deque()

    def sources() -> Iterator[Source]:
        for name, source in expand(args.paths, target.problem):
            names.append((name, source if name != STDIN else sys.stdin.buffer.read()))
            yield names[-1][1]

    for page in reader.read_pages(sources(), errors="return", clean=args.clean):
        name, source = names.popleft()
        for error in page.errors:
            target.problem(name, with_name("standard input" if name == STDIN else name, error))
        if not page.is_lost:
            target.add(_document(name, page, source, args.max_pixels))
    return target.finish()


def _document(name: str, page: Page, source: Source, max_pixels: int) -> Document:
    from bitocr.formats import Document

    language = "chi_sim" if page.model.startswith("chinese") else "eng"
    return Document(name, page.pages or (page,), source, dpi_of(source), language, max_pixels)


def dpi_of(source: Source) -> float | None:
    """Dots per inch from a picture's file."""
    from PIL import Image

    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with suppress(Exception), Image.open(file) as image:  # type: ignore[arg-type]  # `load` tells what is wrong
        return float(image.info["dpi"][0])
    return None


def _target(args: Namespace) -> Target:
    from bitocr.formats import format_of

    if args.output is None or args.output == STDIN:
        if args.format is None:
            raise UsageError("--output - needs --format")
        if args.format in ("pdf", "png", "jpeg") and to_terminal():
            raise UsageError(f"a {args.format.upper()} file is not for a terminal: name a file with --output")
        return Target(args.format, None)
    is_folder = os.path.isdir(args.output) or args.output.endswith(("/", os.sep))
    if not is_folder:
        return Target(args.format or format_of(args.output), Path(args.output))
    if args.format is None:
        raise UsageError(f"{args.output} is a folder: choose with --format what to write there")
    Path(args.output).mkdir(parents=True, exist_ok=True)
    return FolderTarget(args.format, Path(args.output))


class Target:
    """One file, or standard output, written once everything has been read."""

    def __init__(self, format: str, path: Path | None) -> None:
        self._format, self._path = format, path
        self._documents: list[Document] = []
        self._failed = 0

    def problem(self, name: str, message: str) -> None:
        self._failed += 1
        fail(message)

    def add(self, document: Document) -> None:
        self._documents.append(document)

    def finish(self) -> int:
        """Writes the output and returns the exit code. If nothing could be read, nothing is written."""
        if self._documents:
            self._write(self._path, self._documents)
        return SOME_FAILED if self._failed else OK

    def _write(self, path: Path | None, documents: list[Document]) -> None:
        from bitocr.formats import render
        from bitocr.io.files import write_atomic

        try:
            data = render(self._format, documents)
        except ImageError as error:  # the file has gone or changed
            self.problem(documents[0].name, str(error))
            return
        if path is None:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            write_atomic(path, data)


class FolderTarget(Target):
    """A file in a folder for each input, with the input's name; equal names get numbers."""

    def __init__(self, format: str, folder: Path) -> None:
        super().__init__(format, None)
        self._folder, self._written = folder, set[str]()

    def add(self, document: Document) -> None:
        from bitocr.formats import suffix_of

        stem = Path(document.name).stem if document.name != STDIN else "stdin"
        name, number = stem, 1
        while name in self._written:
            number += 1
            name = f"{stem}-{number}"
        self._written.add(name)
        self._write(self._folder / f"{name}{suffix_of(self._format)}", [document])
