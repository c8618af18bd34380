"""Imports inside `lab` go one way: from jobs down to data and configuration."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

LAB = Path(__file__).parents[1] / "src" / "bitocr" / "lab"
ORDER = ("config", "data", "ngram", "nn", "train", "export", "report", "jobs")
FILES = sorted(LAB.rglob("*.py"))


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the dotted name of each import in a file, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def layer(parts: tuple[str, ...]) -> int:
    """The place of a layer in the order. Modules beside the layers are below them all."""
    return ORDER.index(parts[0]) if parts and parts[0] in ORDER else -1


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(LAB)) for path in FILES])
def test_imports_go_one_way(path: Path) -> None:
    own = layer(path.relative_to(LAB).parts)
    backwards = [
        f"line {line}: {name}"
        for line, name in imported(path)
        if name.startswith("bitocr.lab.") and layer(tuple(name.split(".")[2:])) > own
    ]
    assert not backwards


def test_every_folder_has_its_place() -> None:
    assert {folder.name for folder in LAB.iterdir() if list(folder.glob("*.py"))} <= set(ORDER)
