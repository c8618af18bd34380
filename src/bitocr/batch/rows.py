"""What a batch writes: a row for each page, from what was read in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bitocr import __version__

if TYPE_CHECKING:
    from bitocr.batch.load import Loaded
    from bitocr.lines import Line
    from bitocr.page import Page

Row = dict[str, Any]


def of_line(loaded: Loaded, model: str, line: Line) -> list[Row]:
    """The rows of a picture of one line."""
    if line.error is not None:
        return [failed(loaded, model, line.error)]
    if not line.pages:
        return [_row(loaded, 1, model, line.text, line.confidence, angle=line.angle)]
    return [
        _row(loaded, page, model, one.text, one.confidence, angle=one.angle) for page, one in enumerate(line.pages, 1)
    ]


def of_page(loaded: Loaded, model: str, page: Page) -> list[Row]:
    """The rows of a picture of whole pages."""
    return [
        _row(loaded, count, model, one.text, one.confidence, **_found(one))
        if one.error is None
        else failed(loaded, model, one.error, count)
        for count, one in enumerate(page.pages or (page,), 1)
    ]


def failed(loaded: Loaded, model: str, error: Exception, page: int = 1) -> Row:
    """The row of what could not be read."""
    return {**_row(loaded, page, model, "", 0.0), "error": str(error)}


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
