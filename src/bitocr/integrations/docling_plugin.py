"""The Docling plugin (extra `docling`): an OCR engine of the kind `bitocr`.

Docling loads it where external plugins are allowed: `docling --allow-external-plugins --ocr-engine bitocr FILE`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, Literal

from docling.datamodel.accelerator_options import AcceleratorOptions
from docling.datamodel.base_models import Page as DoclingPage
from docling.datamodel.document import ConversionResult
from docling.datamodel.pipeline_options import OcrOptions
from docling.models.base_ocr_model import BaseOcrModel
from docling.utils.profiling import TimeRecorder
from docling_core.types.doc import BoundingBox, CoordOrigin
from docling_core.types.doc.page import BoundingRectangle, TextCell

from bitocr.integrations.tesseract import reader_of
from bitocr.page import Line, Quad
from bitocr.reader import Reader


class BitocrOptions(OcrOptions):  # type: ignore[misc]
    """lang: eng or chi_sim. scale: pixels of a crop for each point of the page; 3 is 216 dots per inch."""

    kind: ClassVar[Literal["bitocr"]] = "bitocr"
    lang: list[str] = ["eng"]  # noqa: RUF012  (pydantic copies it)


class BitocrModel(BaseOcrModel):  # type: ignore[misc]
    """Reads the parts of pages that Docling asks for."""

    def __init__(
        self,
        enabled: bool,
        artifacts_path: Path | None,
        options: BitocrOptions,
        accelerator_options: AcceleratorOptions,
    ) -> None:
        super().__init__(
            enabled=enabled, artifacts_path=artifacts_path, options=options, accelerator_options=accelerator_options
        )
        self.options: BitocrOptions
        if enabled:
            self._reader: Reader = reader_of("+".join(options.lang), threads=accelerator_options.num_threads)

    def __call__(self, conv_res: ConversionResult, page_batch: Iterable[DoclingPage]) -> Iterable[DoclingPage]:
        for page in page_batch:
            if self.enabled and page._backend is not None and page._backend.is_valid():
                with TimeRecorder(conv_res, "ocr"):
                    self.post_process_cells(self._read(page), page, conv_res)
            yield page

    @classmethod
    def get_options_type(cls) -> type[OcrOptions]:
        return BitocrOptions

    def _read(self, page: DoclingPage) -> list[TextCell]:
        """The lines of all parts that are to be read."""
        cells: list[TextCell] = []
        for rect in self.get_ocr_rects(page):
            if page._backend is not None and rect.area() > 0:
                image = page._backend.get_page_image(scale=self.options.scale, cropbox=rect)
                lines = self._reader.read(image).lines
                cells += [cell_of(line, rect, self.options.scale, len(cells) + i) for i, line in enumerate(lines)]
        return cells


def cell_of(line: Line, rect: BoundingBox, scale: float, index: int) -> TextCell:
    """A line that was read in a crop, in points of the page from its top left."""
    return TextCell(
        index=index,
        text=line.text,
        orig=line.text,
        confidence=line.confidence,
        from_ocr=True,
        rect=_rectangle(line.quad, rect, scale),
    )


def _rectangle(quad: Quad, rect: BoundingBox, scale: float) -> BoundingRectangle:
    """Docling begins at a text's lower left corner, and goes counterclockwise."""
    corners: dict[str, Any] = {}
    for number, (x, y) in enumerate((quad[3], quad[2], quad[1], quad[0])):
        corners[f"r_x{number}"], corners[f"r_y{number}"] = rect.l + x / scale, rect.t + y / scale
    return BoundingRectangle(**corners, coord_origin=CoordOrigin.TOPLEFT)


def ocr_engines() -> dict[str, list[type[BaseOcrModel]]]:
    """What Docling asks a plugin for."""
    return {"ocr_engines": [BitocrModel]}
