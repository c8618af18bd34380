"""Reads with Tesseract's options: its languages, page segmentation modes, variables and outputs."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from bitocr.defaults import MAX_PIXELS
from bitocr.errors import ModelError, UsageError
from bitocr.formats import Document, render
from bitocr.formats.document import numbered
from bitocr.formats.geometry import box_of
from bitocr.integrations import LANGUAGES
from bitocr.page import Block, Char, Line, Page, Quad, Word

if TYPE_CHECKING:
    from bitocr import Reader
    from bitocr.io.images import Source
    from bitocr.lines import Line as ReadLine

_BOTH = "auto"  # the model that reads either
_MOST_THREADS = 64
VERSION = "5.3.0"
"""The version of Tesseract whose interface this is."""

# Page segmentation modes: those of a page, and those of an image that is a single line, word or character.
PAGE_MODES, LINE_MODES = (1, 3, 4, 5, 6, 11, 12), (7, 8, 10, 13)
WHITELIST = "tessedit_char_whitelist"

# Tesseract's config files and their variables, with the ending and format of each output.
OUTPUTS = {
    "txt": ("txt", "text"),
    "tsv": ("tsv", "tsv"),
    "hocr": ("hocr", "hocr"),
    "alto": ("xml", "alto"),
    "pdf": ("pdf", "pdf"),
    "makebox": ("box", "box"),
}
CREATE = {
    "tessedit_create_txt": "txt",
    "tessedit_create_tsv": "tsv",
    "tessedit_create_hocr": "hocr",
    "tessedit_create_alto": "alto",
    "tessedit_create_pdf": "pdf",
    "tessedit_create_boxfile": "makebox",
}


@dataclass(frozen=True)
class Request:
    """The request of a Tesseract command line, without the image."""

    language: str = "eng"
    psm: int = 3
    dpi: float | None = None
    outputs: Sequence[str] = ("txt",)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def allow(self) -> str | None:
        """The whitelist as `Reader` takes it. Spaces between words are always allowed in lines and pages."""
        listed = self.variables.get(WHITELIST)
        if not listed:
            return None
        signs = "".join(sign if sign.isalnum() else f"\\{sign}" for sign in dict.fromkeys(listed) if sign != " ")
        return signs if self.psm == 10 else signs + " "


def reader_of(language: str, threads: int | None = None, max_pixels: int = MAX_PIXELS) -> Reader:
    """The reader for languages as Tesseract names them, such as eng+chi_sim. Raises UsageError.

    threads: by default as many as OMP_THREAD_LIMIT says, by which Tesseract's users keep it to one, or all cores.
    """
    if threads is None:
        limit = os.environ.get("OMP_THREAD_LIMIT", "")
        threads = min(int(limit), _MOST_THREADS) if limit.isdecimal() else 0
    names = [name for name in language.split("+") if name and name != "osd"] or ["eng"]
    for name in names:
        if name not in LANGUAGES:
            raise UsageError(f"there is no language {name!r}: it is {' or '.join(LANGUAGES)}")
    models = {LANGUAGES[name] for name in names}
    try:
        return _reader(models.pop() if len(models) == 1 else _BOTH, threads, max_pixels)
    except ModelError:
        if len(models) < 2:
            raise
        raise UsageError(f"{language}: one language at a time: {' or '.join(LANGUAGES)}") from None


@lru_cache(4)
def _reader(model: str, threads: int, max_pixels: int) -> Reader:
    from bitocr import Reader

    return Reader(model, threads=threads, max_pixels=max_pixels)


def read(source: Source, name: str, request: Request) -> Document:
    """Reads an image. Raises ImageError, and UsageError for what is not offered."""
    if request.psm not in PAGE_MODES + LINE_MODES:
        modes = ", ".join(map(str, sorted(PAGE_MODES + LINE_MODES)))
        raise UsageError(f"--psm {request.psm} is not offered: it is one of {modes}")
    reader = reader_of(request.language)
    if request.psm in PAGE_MODES:
        page = reader.read(source, allow=request.allow)
    else:
        page = _read_line(reader, source, request.allow)
    return Document(name, page.pages or (page,), source, request.dpi, request.language.split("+")[0])


def _read_line(reader: Reader, source: Source, allow: str | None) -> Page:
    from bitocr.io.images import load

    line = reader.read_line(source, allow=allow)
    height, width = load(source, reader.max_pixels).shape[:2]
    return page_of_line(line, width, height)


def page_of_line(line: ReadLine, width: int, height: int) -> Page:
    """A page that is one line: words and characters meet halfway between the characters' middles, and are as high."""
    whole = _box(0, width, height)
    if not line.text:
        return Page(width, height)
    middles = [char.x for char in line.chars]
    edges = [0.0, *((a + b) / 2 for a, b in pairwise(middles)), float(width)]
    chars = [
        Char(char.char, char.score, _box(min(left, right), max(left, right), height))
        for char, left, right in zip(line.chars, edges, edges[1:], strict=False)
    ]
    words, start = [], 0
    for end in [i for i, char in enumerate(chars) if char.char.isspace()] + [len(chars)]:
        if end > start:
            words.append(_word(chars[start:end], height))
        start = end + 1
    made = Line(line.text, line.confidence, whole, tuple(words))
    return Page(width, height, text=line.text, blocks=(Block(whole, (made,)),))


def _word(chars: Sequence[Char], height: int) -> Word:
    left, right = chars[0].quad[0][0], chars[-1].quad[1][0]
    confidence = math.fsum(char.score for char in chars) / len(chars)
    return Word("".join(char.char for char in chars), confidence, _box(left, right, height), tuple(chars))


def _box(left: float, right: float, height: float) -> Quad:
    return (left, 0.0), (right, 0.0), (right, float(height)), (left, float(height))


def output(kind: str, document: Document) -> bytes:
    """A document as Tesseract writes it; `kind` is a key of OUTPUTS."""
    if kind == "txt":
        return "".join(f"{page.text}\n\f".replace("\t", " ") for page in document.pages).encode("utf-8", "replace")
    if kind == "makebox":
        return boxes(document).encode("utf-8", "replace")
    return render(OUTPUTS[kind][1], [document])


def boxes(document: Document) -> str:
    """A line for each character: left, bottom, right and top, counted from the lower left corner, and the page."""
    rows = []
    for number, _, page in numbered([document]):
        for char in (char for line in page.lines for word in line.words for char in word.chars):
            box = box_of([char.quad], page)
            bottom, top = page.height - box.bottom, page.height - box.top
            rows.append(f"{char.char} {box.left} {bottom} {box.right} {top} {number - 1}\n")
    return "".join(rows)
