"""A table of pages, blocks, paragraphs, lines and words, with the twelve columns of Tesseract's TSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bitocr.formats.document import Document, numbered
from bitocr.formats.geometry import Box, box_of, paragraphs
from bitocr.page import Block, Line, Page, Word

COLUMNS = "level page_num block_num par_num line_num word_num left top width height conf text".split()
Row = tuple[int, int, int, int, int, int, int, int, int, int, str, str]
_BLANKS = str.maketrans("\t\r\n", "   ")


def render(documents: Sequence[Document]) -> bytes:
    table = "\t".join(COLUMNS) + "\n" + "".join("\t".join(map(str, row)) + "\n" for row in rows(documents))
    return table.encode("utf-8", "replace")


def rows(documents: Sequence[Document]) -> Iterator[Row]:
    """The table without its header. Boxes are in pixels, confidences from 0 to 100, or -1 if it is no word."""
    for number, _, page in numbered(documents):
        yield _row(1, (number, 0, 0, 0, 0), Box(0, 0, page.width, page.height))
        for block_number, block in enumerate(page.blocks, 1):
            yield from _block_rows(page, block, (number, block_number))


def _block_rows(page: Page, block: Block, place: tuple[int, int]) -> Iterator[Row]:
    yield _row(2, (*place, 0, 0, 0), box_of([line.quad for line in block.lines], page))
    for number, lines in enumerate(paragraphs(block), 1):
        yield _row(3, (*place, number, 0, 0), box_of([line.quad for line in lines], page))
        for line_number, line in enumerate(lines, 1):
            yield from _line_rows(page, line, (*place, number, line_number))


def _line_rows(page: Page, line: Line, place: tuple[int, int, int, int]) -> Iterator[Row]:
    yield _row(4, (*place, 0), box_of([line.quad], page))
    for number, word in enumerate(line.words, 1):
        yield _row(5, (*place, number), box_of([word.quad], page), word)


def _row(level: int, place: tuple[int, int, int, int, int], box: Box, word: Word | None = None) -> Row:
    confidence = "-1" if word is None else f"{100 * word.confidence:.6f}"
    text = "" if word is None else word.text.translate(_BLANKS)
    return (level, *place, box.left, box.top, box.width, box.height, confidence, text)
