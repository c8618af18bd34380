"""Plain text: pages with a form feed between them, each as its `text` is."""

from __future__ import annotations

from collections.abc import Sequence

from bitocr.formats.document import Document, numbered


def render(documents: Sequence[Document]) -> bytes:
    pages = (page.text + "\n" if page.text else "" for _, _, page in numbered(documents))
    return "\f".join(pages).encode("utf-8", "replace")
