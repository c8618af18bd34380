"""`bitocr models`: the models that come with the package."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bitocr.cli.options import add_json
from bitocr.cli.output import clean, print_json, print_table
from bitocr.cli.parser import Parser


def add_arguments(parser: Parser) -> None:
    add_json(parser)


def run(args: Namespace) -> None:
    from bitocr.io import shipped

    found = [describe(name, shipped.FOLDER / f"{name}.bit") for name in shipped.names()]
    if args.json:
        print_json(found, indent=2)
    elif found:
        print_table(("model", "bytes", "languages", "accuracy"), [_row(model) for model in found], right=[1])
    else:
        print("no models are shipped with this build")


def _row(model: dict[str, Any]) -> list[str]:
    accuracy = ", ".join(f"{name} {value}" for name, value in model["accuracy"].items())
    return [model["name"], f"{model['bytes']:,}", clean(", ".join(model["languages"])), clean(accuracy)]


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
    """The value, or an empty mapping if it is something else: cards may hold anything."""
    return value if isinstance(value, dict) else {}
