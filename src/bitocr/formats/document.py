"""A document: the pages of a file, and where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bitocr.defaults import MAX_PIXELS
from bitocr.page import Page

if TYPE_CHECKING:
    from bitocr.io.images import Source

DPI = 300  # if a picture does not say
_LEAST_DPI, _MOST_DPI = 30, 4800  # values beyond these are nonsense: many programs write 1


@dataclass(frozen=True)
class Document:
    """The pages of one file.

    name: its name in the output.
    pages: its pages as read.
    source: the file itself, whose pictures a searchable PDF shows.
    dpi: dots per inch of its pictures; None if unknown.
    language: its code for Tesseract, "eng" or "chi_sim".
    max_pixels: as for `Reader`.
    """

    name: str
    pages: tuple[Page, ...]
    source: Source | None = None
    dpi: float | None = None
    language: str = "eng"
    max_pixels: int = MAX_PIXELS

    @classmethod
    def of(cls, name: str, page: Page, source: Source | None = None, dpi: float | None = None) -> Document:
        """A document from what `Reader.read` gave for a file of one or more pages."""
        language = "chi_sim" if page.model.startswith("chinese") else "eng"
        return cls(name, page.pages or (page,), source, dpi, language)

    @property
    def resolution(self) -> float:
        """Dots per inch; 300 if they are unknown or impossible."""
        return self.dpi if self.dpi and _LEAST_DPI <= self.dpi <= _MOST_DPI else DPI


def numbered(documents: Sequence[Document]) -> Iterator[tuple[int, Document, Page]]:
    """(number from 1, its document, page) of every page."""
    pages = ((document, page) for document in documents for page in document.pages)
    for number, (document, page) in enumerate(pages, 1):
        yield number, document, page
