"""Puts the site's pages together: those of docs/ and the generated reference."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from docsite import c, cli, python, schema

LINK = re.compile(r"(\]\()((?:\.\./)+[^()\s#]+)")


def reference(root: Path) -> dict[str, Callable[[], str]]:
    """The generated pages, by their paths below docs/."""
    return {
        "reference/cli.md": cli.page,
        "reference/python.md": python.page,
        "reference/c.md": lambda: c.page((root / "engine/include/bitocr.h").read_text(encoding="utf-8")),
        "reference/json.md": lambda: schema.page(
            (root / "src/bitocr/formats/page.schema.json").read_text(encoding="utf-8")
        ),
    }


def assemble(root: Path, out: Path, sources: str) -> None:
    """Writes all pages to the folder `out`, which is emptied first.

    Args:
        sources: the address of the repository's files, for links to files outside docs/.
    """
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(root / "docs", out)
    for path, page in reference(root).items():
        target = out / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(), encoding="utf-8")
    for page_path in out.glob("*.md"):
        text = page_path.read_text(encoding="utf-8")
        page_path.write_text(_with_addresses(text, sources), encoding="utf-8")


def _with_addresses(text: str, sources: str) -> str:
    """The page with its links to files outside docs/ changed to addresses of the repository."""

    def address(match: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join("docs", match[2]))
        return f"{match[1]}{sources}/{path}"

    return LINK.sub(address, text)
