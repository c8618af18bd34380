"""Counts the hand-written words of the documentation."""

from __future__ import annotations

import re
from pathlib import Path

from docsite.links import text_of

LIMIT = 18_000
REFERENCE = ("model-format.md",)
"""Pages of docs/ that belong to the reference; the rest of the reference is generated."""
GENERATED = re.compile(r"<!-- (\S+) -->.*?<!-- /\1 -->", re.DOTALL)

WORD = re.compile(r"\S*\w\S*")


def pages(root: Path) -> list[Path]:
    """The English pages outside the reference: README, CONTRIBUTING and docs."""
    docs = sorted(page for page in (root / "docs").glob("**/*.md") if page.name not in REFERENCE)
    return [root / "README.md", root / "CONTRIBUTING.md", *docs]


def count(page: Path) -> int:
    """The words of a page, including its tables, without code blocks and generated tables."""
    return len(WORD.findall(GENERATED.sub("", text_of(page))))
