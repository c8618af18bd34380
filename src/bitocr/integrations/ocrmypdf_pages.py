"""Pages as OCRmyPDF takes them: reading them, and its tree of elements."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

from ocrmypdf.models.ocr_element import Baseline, BoundingBox, FontInfo, OcrClass, OcrElement

from bitocr.cli.outputs import dpi_of
from bitocr.formats import Document
from bitocr.formats.geometry import FONT_SIZE, along, baseline, box_of, height, length, narrowed, paragraphs, quarter
from bitocr.integrations.tesseract import reader_of
from bitocr.page import Line, Page, Quad
from bitocr.reader import Reader

_MAX_PIXELS = 250_000_000  # OCRmyPDF has its own limit


def reader_for(options: Any) -> Reader:
    return reader_of("+".join(options.languages or ["eng"]), threads=1, max_pixels=_MAX_PIXELS)


def read(path: Path, options: Any) -> Document:
    page = reader_for(options).read(path)
    return Document.of(str(path), page, dpi=dpi_of(path))


def tree_of(page: Page, dpi: float, number: int = 0) -> OcrElement:
    """A page as OCRmyPDF takes it: paragraphs of lines of words. dpi: dots per inch of the picture."""
    made = [
        OcrElement(
            ocr_class=OcrClass.PARAGRAPH,
            bbox=_bounds([line.quad for line in lines], page),
            children=[_line(page, line, dpi) for line in lines if line.words],
        )
        for block in page.blocks
        for lines in paragraphs(block)
    ]
    bounds = BoundingBox(0, 0, page.width, page.height)
    return OcrElement(ocr_class=OcrClass.PAGE, bbox=bounds, children=made, dpi=dpi, page_number=number)


def _line(page: Page, line: Line, dpi: float) -> OcrElement:
    angle = quarter(line.quad)
    return OcrElement(
        ocr_class=OcrClass.LINE,
        bbox=_bounds([line.quad], page),
        children=list(_words(line, FONT_SIZE * height(line.quad) * 72 / dpi)),
        baseline=None if angle else Baseline(*baseline(line, page)),
        textangle=float(angle) if angle else None,
        confidence=line.confidence,
    )


def _words(line: Line, points: float) -> Iterator[OcrElement]:
    following = [along(line, word.quad[0]) for word in line.words[1:]]
    for word, after in zip(line.words, [*following, inf], strict=True):
        start, wide = along(line, word.quad[0]), length(word.quad)
        share = narrowed(wide, after - start - wide, height(line.quad)) / wide if wide else 1
        yield OcrElement(
            ocr_class=OcrClass.WORD,
            bbox=_bounds_of(_shortened(word.quad, share)),
            text=word.text,
            confidence=word.confidence,
            font=FontInfo(size=points),
        )


def _shortened(quad: Quad, share: float) -> Quad:
    """The part of a quad from its beginning on."""
    a, b, c, d = quad

    def between(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
        return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])

    return a, between(a, b), between(d, c), d


def _bounds_of(quad: Quad) -> BoundingBox:
    xs, ys = zip(*quad, strict=True)
    return BoundingBox(min(xs), min(ys), max(xs), max(ys))


def _bounds(quads: list[Quad], page: Page) -> BoundingBox:
    return BoundingBox(*map(float, box_of(quads, page)))
