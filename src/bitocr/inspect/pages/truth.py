"""pages.json: what is on the pages of a test set (`score` says what it holds)."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io.files import read_text


def read_truth(path: str | Path, limit: int | None = None) -> list[dict[str, Any]]:
    """The pages of a file, at most `limit` of them.

    Raises:
        UsageError: no such file, or something in it that no page has.
    """
    try:
        pages = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not valid JSON: {error}") from None
    if not isinstance(pages, list) or not pages:
        raise UsageError(f"{path}: expected a list of pages, each with an image and its items")
    for number, page in enumerate(pages[:limit], 1):
        fault = fault_of(page)
        if fault:
            raise UsageError(f"{path}: page {number}: {fault}")
    return pages[:limit]


def fault_of(page: Any) -> str:
    """The faults of a page; empty if there are none."""
    if not isinstance(page, dict) or not isinstance(page.get("image"), str):
        return 'no "image", the path of a picture'
    if not isinstance(page.get("text", None), str | None):
        return '"text" is the text of the whole page'
    items = page.get("items", [])
    if not isinstance(items, list):
        return '"items" is a list of places with their texts'
    for number, item in enumerate(items, 1):
        if not is_item(item) or not all(map(is_item, item.get("words") or [])):
            return f'item {number}: no "text", or no "box" [left, top, right, bottom] or "quad" of four [x, y]'
    return ""


def is_item(item: Any) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("text", None), str | None):
        return False
    quad = item.get("quad")
    if quad:
        return isinstance(quad, list) and len(quad) == 4 and all(are_numbers(point, 2) for point in quad)
    return are_numbers(item.get("box"), 4)


def are_numbers(values: Any, count: int) -> bool:
    if not isinstance(values, list) or len(values) != count:
        return False
    return all(isinstance(value, int | float) and isfinite(value) for value in values)
