"""What a batch writes: a row for each page, from what was read in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bitocr import __version__

if TYPE_CHECKING:
    from bitocr.batch.load import Loaded
    from bitocr.lines import Line
    from bitocr.page import Page

Row = dict[str, Any]


def of_line(loaded: Loaded, number: int, model: str, line: Line) -> list[Row]:
    """The rows of a picture of one line; `number` is that of its first page."""
    if line.error is not None:
        return [failed(loaded, number, model, line.error)]
    return [
        _row(loaded, page, model, one.text, one.confidence, angle=one.angle)
        for page, one in enumerate(line.pages or (line,), number)
    ]


def of_page(loaded: Loaded, number: int, model: str, page: Page) -> list[Row]:
    """The rows of a picture of whole pages."""
    if page.error is not None:
        return [failed(loaded, number, model, page.error)]
    return [
        _row(loaded, count, model, one.text, one.confidence, **_found(one))
        for count, one in enumerate(page.pages or (page,), number)
    ]


def failed(loaded: Loaded, number: int, model: str, error: Exception) -> Row:
    """The row of what could not be read."""
    return {**_row(loaded, number, model, "", 0.0), "error": str(error)}


def _row(loaded: Loaded, page: int, model: str, text: str, confidence: float, **found: Any) -> Row:
    return {
        "source": loaded.item.source,
        "page": page,
        "sha256": loaded.sha256,
        "size": len(loaded.data),
        "text": text,
        "confidence": round(confidence, 4),
        **found,
        "model": model,
        "version": __version__,
        "error": None,
    }


def _found(page: Page) -> Row:
    lines = [
        {"text": line["text"], "confidence": line["confidence"], "quad": line["quad"], "block": number}
        for number, block in enumerate(page.as_dict()["blocks"])
        for line in block["lines"]
    ]
    return {"width": page.width, "height": page.height, "angle": round(page.angle, 2), "lines": lines}
