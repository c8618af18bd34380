"""The reading of an image of one line."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from bitocr.errors import BitocrError, ImageError
from bitocr.language.ascii_forms import to_ascii


@dataclass(frozen=True)
class Char:
    """One character: its score (0 to 1), and the x of its middle in pixels of your image.

    For turned text, x is that in the upright image; for several lines, that after they are put side by side.
    """

    char: str
    score: float
    x: float


@dataclass(frozen=True)
class Line:
    """The reading of an image of one line.

    text: the text; empty if there is none.
    confidence: for a calibrated model, the probability that the text is right, ignoring case and spaces. Otherwise the
    geometric mean of the characters' scores.
    chars: the characters with their scores and positions.
    error: why the image could not be read, or None.
    pages: for a file of several pages, the line of each. Then `text` joins theirs with line feeds, `confidence` is
    their product, and `error` the first of theirs.
    angle: how many degrees the text is turned clockwise: 0, 90 (it reads from top to bottom), 180 or 270.
    """

    text: str
    confidence: float
    chars: tuple[Char, ...] = ()
    error: BitocrError | None = None
    pages: tuple[Line, ...] = ()
    angle: int = 0


def line_of(result: dict[str, Any]) -> Line:
    """What the engine read."""
    chars = tuple([Char(*char) for char in result["chars"]])
    return Line(result["text"], result["confidence"], chars, angle=result["angle"])


def ascii_line_of(result: dict[str, Any]) -> Line:
    """A line in ASCII; the characters that a sign becomes share its score and place."""
    chars = tuple([Char(part, score, x) for char, score, x in result["chars"] for part in to_ascii(char)])
    return Line(to_ascii(result["text"]), result["confidence"], chars, angle=result["angle"])


def failed(error: BitocrError) -> Line:
    return Line("", 0.0, (), error)


def _placed(page: Line, place: str) -> Line:
    """The same with the place in what is wrong with it: what could not be decoded has it already."""
    if page.error is None or place in str(page.error):
        return page
    return replace(page, error=ImageError(f"{place}{page.error}"))


def joined(pages: list[Line]) -> Line:
    """The line of an image, which may have several pages."""
    if len(pages) == 1:
        return pages[0]
    pages = [_placed(page, f"page {number}: ") for number, page in enumerate(pages, 1)]
    error = next((page.error for page in pages if page.error is not None), None)
    if error is not None:
        return replace(failed(error), pages=tuple(pages))
    chars = [char for page in pages for char in (*page.chars, Char("\n", 1.0, 0.0))][:-1]
    confidence = math.prod(page.confidence for page in pages)
    return Line("\n".join(page.text for page in pages), confidence, tuple(chars), None, tuple(pages))
