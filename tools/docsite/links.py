"""Checks the links of Markdown pages: each must lead to a file and a heading that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from markdown.extensions.toc import slugify  # type: ignore[import-untyped]

FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+?)#*$", re.MULTILINE)
OUTSIDE = re.compile(r"[a-z]+:", re.IGNORECASE)


def text_of(page: Path) -> str:
    """The page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> Iterator[str]:
    """The targets of the page's links and pictures, except those on other sites."""
    text = re.sub(r"`[^`\n]*`", "", text_of(page))
    yield from (target for target in LINK.findall(text) if not OUTSIDE.match(target))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of headings that are the same on the site and in the repository's view of the file."""
    titles = [_plain(title.strip()) for title in HEADING.findall(text_of(page))]
    return frozenset({_on_the_site(t) for t in titles} & {_in_the_repository(t) for t in titles})


def problems(page: Path) -> Iterator[str]:
    """A line for each broken link of the page."""
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists():
            yield f"{page}: {target}: there is no such file"
        elif anchor and file.suffix == ".md" and anchor not in anchors(file):
            yield f"{page}: {target}: there is no such heading"


def _plain(title: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "").replace("\\", "")


def _on_the_site(title: str) -> str:
    return str(slugify(title, "-"))


def _in_the_repository(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
