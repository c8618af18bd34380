"""The OCRmyPDF plugin (extra `ocrmypdf`): `ocrmypdf --ocr-engine bitocr IN.pdf OUT.pdf`.

OCRmyPDF reads several pages at once, so each is read with one thread.
"""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

from ocrmypdf import hookimpl
from ocrmypdf.exceptions import BadArgsError
from ocrmypdf.models.ocr_element import Baseline, BoundingBox, FontInfo, OcrClass, OcrElement
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence

import bitocr
from bitocr.cli.outputs import dpi_of
from bitocr.errors import BitocrError
from bitocr.formats import Document, render
from bitocr.formats.geometry import FONT_SIZE, along, baseline, box_of, height, length, narrowed, paragraphs, quarter
from bitocr.formats.pdf import text_alone
from bitocr.integrations.tesseract import LANGUAGES, reader_of
from bitocr.page import Line, Page, Quad
from bitocr.reader import Reader

NAME = "bitocr"
_MAX_PIXELS = 250_000_000  # OCRmyPDF has a limit of its own
# OCRmyPDF turns a page where the confidence is 14 or more, which here is a mean of 0.7 over at least three lines.
_FULL_CONFIDENCE, _LEAST_LINES = 20, 3


def _reader(options: Any) -> Reader:
    return reader_of("+".join(options.languages or ["eng"]), threads=1, max_pixels=_MAX_PIXELS)


class BitocrEngine(OcrEngine):  # type: ignore[misc]
    """bitocr as OCRmyPDF asks for it."""

    @staticmethod
    def version() -> str:
        return bitocr.__version__

    @staticmethod
    def creator_tag(options: Any) -> str:
        return f"bitocr {bitocr.__version__}"

    def __str__(self) -> str:
        return f"bitocr {bitocr.__version__}"

    @staticmethod
    def languages(options: Any) -> set[str]:
        return set(LANGUAGES)

    @staticmethod
    def get_orientation(input_file: Path, options: Any) -> OrientationConfidence:
        """By how many degrees the page is turned clockwise: 0, 90, 180 or 270."""
        page = _reader(options).read(input_file)
        confidence = _FULL_CONFIDENCE * page.confidence if len(page.lines) >= _LEAST_LINES else 0.0
        return OrientationConfidence(angle=round(page.angle / 90) % 4 * 90, confidence=confidence)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """By how many degrees to turn the page counterclockwise, so that its lines are level."""
        angle = _reader(options).find(input_file).angle
        return angle - 90 * round(angle / 90)

    @staticmethod
    def supports_generate_ocr() -> bool:
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: Any, page_number: int = 0) -> tuple[OcrElement, str]:
        document = _read(input_file, options)
        return tree_of(document.pages[0], document.resolution, page_number), document.pages[0].text

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        document = _read(input_file, options)
        output_hocr.write_bytes(render("hocr", [document]))
        output_text.write_bytes(render("text", [document]))

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        document = _read(input_file, options)
        page, scale = document.pages[0], 72 / document.resolution
        output_pdf.write_bytes(text_alone([(page, (page.width * scale, page.height * scale))]))
        output_text.write_bytes(render("text", [document]))


def _read(path: Path, options: Any) -> Document:
    page = _reader(options).read(path)
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


@hookimpl  # type: ignore[misc]
def add_options(parser: ArgumentParser) -> None:
    """Makes `bitocr` one of the engines that may be asked for."""
    for action in parser._actions:
        if action.dest == "ocr_engine" and action.choices is not None and NAME not in action.choices:
            action.choices = [*action.choices, NAME]


@hookimpl  # type: ignore[misc]
def check_options(options: Any) -> None:
    """Refuses languages that cannot be read, or not together, before the first page is read."""
    if options.ocr_engine != NAME or not set(options.languages) <= set(LANGUAGES):
        return  # OCRmyPDF itself tells of languages that are not there
    try:
        _reader(options)
    except BitocrError as error:
        raise BadArgsError(str(error)) from None


@hookimpl  # type: ignore[misc]
def get_ocr_engine(options: Any) -> BitocrEngine | None:
    return BitocrEngine() if options is not None and options.ocr_engine == NAME else None
