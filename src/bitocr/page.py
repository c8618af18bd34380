"""The reading of a page: Page > Block > Line > Word > Char. `as_dict` turns each into JSON."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, overload

from bitocr.errors import BitocrError

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""Four corners [x, y] in pixels of your image, clockwise from the text's own top left."""


@dataclass(frozen=True, slots=True)
class Char:
    """One character: its score (0 to 1), and the box around its ink."""

    char: str
    score: float
    quad: Quad

    def as_dict(self) -> dict[str, Any]:
        """The character as JSON."""
        return {"char": self.char, "score": round(self.score, 4), "quad": _rounded(self.quad)}


class Chars(Sequence[Char]):
    """The characters of a word, each made when it is asked for: a large page has too many to keep them all.

    text: the characters. values: float32, score and corners of one after the other. Equal to a tuple of the same ones.
    """

    __slots__ = ("_text", "_values")
    VALUES: ClassVar[int] = 9
    """Of a character."""

    def __init__(self, text: str, values: array[float]) -> None:
        self._text, self._values = text, values

    def __len__(self) -> int:
        return len(self._text)

    def __iter__(self) -> Iterator[Char]:
        return map(self._at, range(len(self)))

    @overload
    def __getitem__(self, at: int) -> Char: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Char, ...]: ...
    def __getitem__(self, at: int | slice) -> Char | tuple[Char, ...]:
        which = range(len(self))[at]
        return self._at(which) if isinstance(which, int) else tuple(map(self._at, which))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (Chars, tuple)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return repr(tuple(self))

    def moved(self, move: Callable[[Quad], Quad]) -> Chars:
        """The same characters elsewhere."""
        values = array("f")
        for char in self:
            values.extend((char.score, *(x for point in move(char.quad) for x in point)))
        return Chars(self._text, values)

    def _at(self, i: int) -> Char:
        score, *corners = self._values[i * self.VALUES : (i + 1) * self.VALUES]
        return Char(self._text[i], score, corners_of(corners))


def corners_of(values: Sequence[float]) -> Quad:
    """A quad of its eight coordinates."""
    a, b, c, d, e, f, g, h = values
    return (a, b), (c, d), (e, f), (g, h)


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them. The confidence is the mean of their scores."""

    text: str
    confidence: float
    quad: Quad
    chars: Sequence[Char] = ()

    def as_dict(self) -> dict[str, Any]:
        """The word as JSON."""
        chars = [char.as_dict() for char in self.chars]
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "quad": _rounded(self.quad),
            "chars": chars,
        }


@dataclass(frozen=True)
class Line:
    """A line of text, or of a table's cell.

    confidence: as that of `bitocr.Line`. From `Reader.find`, the probability that text is there.
    paragraph: its number within the page.
    row: its number within the page; lines of one row stand side by side.
    """

    text: str
    confidence: float
    quad: Quad
    words: tuple[Word, ...] = ()
    paragraph: int = 0
    row: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The line as JSON."""
        return {
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "quad": _rounded(self.quad),
            "words": [word.as_dict() for word in self.words],
        }


@dataclass(frozen=True)
class Block:
    """Lines that belong together, in reading order: paragraphs of a column, a table."""

    quad: Quad
    lines: tuple[Line, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The block as JSON."""
        return {"quad": _rounded(self.quad), "lines": [line.as_dict() for line in self.lines]}


@dataclass(frozen=True)
class Page:
    """The reading of an image.

    width, height: the image's size in pixels.
    angle: how many degrees its text is turned clockwise, from -180 (exclusive) to 180.
    scale: how much the image was enlarged to look for text.
    text: all lines in reading order. A tab separates lines of a row, a line feed rows, two line feeds paragraphs.
    blocks: columns of prose, tables, and other groups of lines.
    model: the name of the model that read it.
    pages: for a file of several pages, each of them. Then `text` joins theirs with form feeds, and size, angle, scale
    and blocks are only in them.
    error: why the image, or one of its pages, could not be read, or None.
    """

    SCHEMA: ClassVar[int] = 1
    """The version of what `as_dict` gives."""

    width: int = 0
    height: int = 0
    angle: float = 0.0
    scale: float = 1.0
    text: str = ""
    blocks: tuple[Block, ...] = ()
    model: str = ""
    pages: tuple[Page, ...] = ()
    error: BitocrError | None = field(default=None, compare=False)

    @property
    def lines(self) -> list[Line]:
        """The lines of all blocks of all pages, in reading order."""
        return [line for page in self.pages or (self,) for block in page.blocks for line in block.lines]

    @property
    def confidence(self) -> float:
        """The mean of the lines' confidences, weighted by their lengths; 0 without lines."""
        weights = [(max(len(line.text), 1), line.confidence) for line in self.lines]
        total = sum(weight for weight, _ in weights)
        return sum(weight * confidence for weight, confidence in weights) / total if total else 0.0

    @property
    def errors(self) -> list[BitocrError]:
        """The errors of pages that could not be read."""
        return [page.error for page in self.pages or (self,) if page.error is not None]

    @property
    def is_lost(self) -> bool:
        """Whether not a single page could be read."""
        return len(self.errors) == len(self.pages or (self,))

    def as_dict(self) -> dict[str, Any]:
        """What `bitocr read --json` prints, except schema and path."""
        return {
            "width": self.width,
            "height": self.height,
            "angle": round(self.angle, 2),
            "scale": round(self.scale, 4),
            "model": self.model,
            "text": self.text,
            "confidence": round(self.confidence, 4),
            "blocks": [block.as_dict() for block in self.blocks],
        }


def text_of(blocks: Iterable[Block]) -> str:
    """The lines' text in reading order, joined as the engine joins it (see `Page.text`)."""
    parts: list[str] = []
    before: Line | None = None
    for line in (line for block in blocks for line in block.lines):
        if before is not None:
            same_row, same_paragraph = line.row == before.row, line.paragraph == before.paragraph
            parts.append("\t" if same_row else "\n" if same_paragraph else "\n\n")
        parts.append(line.text)
        before = line
    return "".join(parts)


def moved(page: Page, move: Callable[[float, float], tuple[float, float]]) -> Page:
    """The page with all corners moved."""

    def to(quad: Quad) -> Quad:
        a, b, c, d = (move(x, y) for x, y in quad)
        return a, b, c, d

    def chars(each: Sequence[Char]) -> Sequence[Char]:
        if isinstance(each, Chars):
            return each.moved(to)
        return tuple(replace(char, quad=to(char.quad)) for char in each)

    def word(each: Word) -> Word:
        return replace(each, quad=to(each.quad), chars=chars(each.chars))

    def line(each: Line) -> Line:
        return replace(each, quad=to(each.quad), words=tuple(map(word, each.words)))

    blocks = (replace(each, quad=to(each.quad), lines=tuple(map(line, each.lines))) for each in page.blocks)
    return replace(page, blocks=tuple(blocks))


def _rounded(quad: Quad) -> list[list[float]]:
    return [[round(x, 1), round(y, 1)] for x, y in quad]


def joined(pages: list[Page]) -> Page:
    """One page for all pages of an image. An error of one of them becomes its error."""
    if len(pages) == 1:
        return pages[0]
    error = next((page.error for page in pages if page.error is not None), None)
    model = next((page.model for page in pages if page.error is None), "")
    return Page(text="\f".join(page.text for page in pages), model=model, pages=tuple(pages), error=error)
