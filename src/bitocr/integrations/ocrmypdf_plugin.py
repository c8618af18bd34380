"""The OCRmyPDF plugin (extra `ocrmypdf`): `ocrmypdf --ocr-engine bitocr IN.pdf OUT.pdf`.

OCRmyPDF reads several pages at once, so each is read with one thread. It loads this module whenever it runs, and then
forks; so numpy, which starts threads, and the engine are imported only to read a page.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ocrmypdf import hookimpl
from ocrmypdf.exceptions import BadArgsError
from ocrmypdf.pluginspec import OcrEngine, OrientationConfidence

import bitocr
from bitocr.errors import BitocrError
from bitocr.integrations import LANGUAGES

if TYPE_CHECKING:
    from ocrmypdf.models.ocr_element import OcrElement

NAME = "bitocr"
# OCRmyPDF turns a page where the confidence is 14 or more, which here is a mean of 0.7 over at least three lines.
_FULL_CONFIDENCE, _LEAST_LINES = 20, 3


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
        from bitocr.integrations import ocrmypdf_pages as pages

        page = pages.reader_for(options).read(input_file)
        confidence = _FULL_CONFIDENCE * page.confidence if len(page.lines) >= _LEAST_LINES else 0.0
        return OrientationConfidence(angle=round(page.angle / 90) % 4 * 90, confidence=confidence)

    @staticmethod
    def get_deskew(input_file: Path, options: Any) -> float:
        """By how many degrees to turn the page counterclockwise, so that its lines are level."""
        from bitocr.integrations import ocrmypdf_pages as pages

        angle = pages.reader_for(options).find(input_file).angle
        return angle - 90 * round(angle / 90)

    @staticmethod
    def supports_generate_ocr() -> bool:
        return True

    @staticmethod
    def generate_ocr(input_file: Path, options: Any, page_number: int = 0) -> tuple[OcrElement, str]:
        from bitocr.integrations import ocrmypdf_pages as pages

        document = pages.read(input_file, options)
        return pages.tree_of(document.pages[0], document.resolution, page_number), document.pages[0].text

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        from bitocr.formats import render
        from bitocr.integrations import ocrmypdf_pages as pages

        document = pages.read(input_file, options)
        output_hocr.write_bytes(render("hocr", [document]))
        output_text.write_bytes(render("text", [document]))

    @staticmethod
    def generate_pdf(input_file: Path, output_pdf: Path, output_text: Path, options: Any) -> None:
        from bitocr.formats import render
        from bitocr.formats.pdf import text_alone
        from bitocr.integrations import ocrmypdf_pages as pages

        document = pages.read(input_file, options)
        page, scale = document.pages[0], 72 / document.resolution
        output_pdf.write_bytes(text_alone([(page, (page.width * scale, page.height * scale))]))
        output_text.write_bytes(render("text", [document]))


@hookimpl  # type: ignore[misc]
def add_options(parser: ArgumentParser) -> None:
    """Makes `bitocr` one of the engines that may be asked for."""
    for action in parser._actions:
        if action.dest == "ocr_engine" and action.choices is not None and NAME not in action.choices:
            action.choices = [*action.choices, NAME]


@hookimpl  # type: ignore[misc]
def check_options(options: Any) -> None:
    """Refuses languages that cannot be read together, before the first page is read."""
    languages = set(options.languages)
    if options.ocr_engine != NAME or len(languages) < 2 or not languages <= set(LANGUAGES):
        return  # OCRmyPDF itself reports unknown languages
    from bitocr.integrations import ocrmypdf_pages as pages

    try:
        pages.reader_for(options)
    except BitocrError as error:
        raise BadArgsError(str(error)) from None


@hookimpl  # type: ignore[misc]
def get_ocr_engine(options: Any) -> BitocrEngine | None:
    return BitocrEngine() if options is not None and options.ocr_engine == NAME else None
