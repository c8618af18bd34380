"""JSON: one object a page, each on a line, as `bitocr read --json` prints them; `page.schema.json` describes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bitocr.formats.document import Document
from bitocr.page import Page


def entry(document: Document, number: int, page: Page) -> dict[str, Any]:
    """A page as JSON; `page` is its number in its file, where that has several."""
    place = {"page": number} if len(document.pages) > 1 else {}
    return {"schema": Page.SCHEMA, "path": document.name, **place, **page.as_dict()}


def render(documents: Sequence[Document]) -> bytes:
    entries = [entry(document, number, page) for document in documents for number, page in enumerate(document.pages, 1)]
    lines = [json.dumps(each, ensure_ascii=False, allow_nan=False) + "\n" for each in entries]
    return "".join(lines).encode("utf-8", "replace")
