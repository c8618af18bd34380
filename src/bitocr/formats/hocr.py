"""hOCR: HTML with a box for everything, in the classes and properties that Tesseract writes.

Other programs read these and little more. Text that is turned by about 90, 180 or 270 degrees has a textangle in the
place of a baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bitocr
from bitocr.formats.document import Document, numbered
from bitocr.formats.geometry import FONT_SIZE, baseline, box_of, height, paragraphs, quarter
from bitocr.formats.xml_text import attribute, content
from bitocr.page import Block, Line, Page, Word

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en" lang="en">
 <head>
  <title></title>
  <meta http-equiv="Content-Type" content="text/html;charset=utf-8"/>
  <meta name="ocr-system" content="bitocr {version}"/>
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word"/>
 </head>
 <body>
"""
_TAIL = " </body>\n</html>\n"


def render(documents: Sequence[Document]) -> bytes:
    return "".join(_lines(documents)).encode("utf-8", "replace")


def _lines(documents: Sequence[Document]) -> Iterator[str]:
    yield _HEAD.format(version=bitocr.__version__)
    for number, document, page in numbered(documents):
        yield from _Writer(number, document, page).page()
    yield _TAIL


class _Writer:
    """Writes a page, and counts what is on it for the elements' names."""

    def __init__(self, number: int, document: Document, page: Page) -> None:
        self._number, self._document, self._page = number, document, page
        self._counts = {"block": 0, "par": 0, "line": 0, "word": 0}

    def page(self) -> Iterator[str]:
        dpi = round(self._document.resolution)
        name = self._document.name.replace('"', "'")
        title = f'image "{name}"; bbox 0 0 {self._page.width} {self._page.height}'
        title += f"; ppageno {self._number - 1}; scan_res {dpi} {dpi}"
        yield f'  <div class="ocr_page" id="page_{self._number}" title={attribute(title)}>\n'
        for block in self._page.blocks:
            yield from self._block(block)
        yield "  </div>\n"

    def _block(self, block: Block) -> Iterator[str]:
        yield f'   <div class="ocr_carea" {self._named("block", self._bbox(block.lines))}>\n'
        for lines in paragraphs(block):
            yield f'    <p class="ocr_par" lang="{self._document.language}" {self._named("par", self._bbox(lines))}>\n'
            for line in lines:
                yield from self._line(line)
            yield "    </p>\n"
        yield "   </div>\n"

    def _line(self, line: Line) -> Iterator[str]:
        yield f'     <span class="ocr_line" {self._named("line", self._line_title(line))}>\n'
        for word in line.words:
            title = f"{self._bbox([word])}; x_wconf {round(100 * word.confidence)}; x_fsize {self._points(line)}"
            yield f'      <span class="ocrx_word" {self._named("word", title)}>{content(word.text)}</span>\n'
        yield "     </span>\n"

    def _line_title(self, line: Line) -> str:
        angle, size = quarter(line.quad), FONT_SIZE * height(line.quad)
        if angle:
            return f"{self._bbox([line])}; textangle {angle}; x_size {size:.1f}"
        slope, intercept = baseline(line, self._page)
        return f"{self._bbox([line])}; baseline {slope:.3f} {intercept}; x_size {size:.1f}"

    def _points(self, line: Line) -> int:
        """The size of a line's font."""
        return max(1, round(FONT_SIZE * height(line.quad) * 72 / self._document.resolution))

    def _bbox(self, parts: Sequence[Line | Word]) -> str:
        return "bbox {} {} {} {}".format(*box_of([part.quad for part in parts], self._page))

    def _named(self, kind: str, title: str) -> str:
        self._counts[kind] += 1
        return f'id="{kind}_{self._number}_{self._counts[kind]}" title="{title}"'
