"""`bitocr models`: the models that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitocr.cli.options import Json
from bitocr.cli.output import clean, console, print_json


def command(json: Json = False) -> None:
    """List the shipped models: bytes, languages, accuracy as measured."""
    from bitocr.io import shipped

    found = [describe(name, shipped.FOLDER / f"{name}.bit") for name in shipped.names()]
    if json:
        print_json(found, indent=2)
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("model", "bytes", "languages", "accuracy"):
        table.add_column(column, justify="right" if column == "bytes" else "left")
    for model in found:
        accuracy = ", ".join(f"{name} {value}" for name, value in model["accuracy"].items())
        table.add_row(model["name"], f"{model['bytes']:,}", ", ".join(model["languages"]), clean(accuracy))
    console().print(table if found else "no models are shipped with this build")


def describe(name: str, path: Path) -> dict[str, Any]:
    """What a model's card says about it, with the file's size."""
    from bitocr.io import bitfile

    header, _ = bitfile.read(path)
    card = mapping(header.get("card"))
    languages = card.get("languages", [])
    return {
        "name": name,
        "file": str(path),
        "bytes": path.stat().st_size,
        "languages": [str(name) for name in (languages if isinstance(languages, list) else [languages])],
        "licence": card.get("licence", ""),
        "accuracy": mapping(card.get("accuracy")),
    }


def mapping(value: Any) -> dict[str, Any]:
    """The value, or nothing where it is no mapping: a card is free in what it holds."""
    return value if isinstance(value, dict) else {}
