"""`bitocr compress`: distils, prunes, quantizes and exports a network by one recipe, and reports on all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from bitocr.cli.ongoing import ongoing, teller
from bitocr.cli.options import Json
from bitocr.cli.output import print_json


def command(
    recipe: Annotated[
        str, typer.Argument(metavar="RECIPE", help="A YAML file as in docs/compress.md, or float or binary.")
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As in steps.pruned.prune.images=10000.")
    ] = None,
    json: Json = False,
) -> None:
    """Do the steps of a recipe in a row, then measure all variants. Ctrl-C stops it, the same command goes on.

    bitocr compress float checkpoint=FILE data.path=FOLDER prunes, quantizes and exports a network with labelled images
    of your own, by a recipe that comes with the package; binary does so with a binary network.
    """
    with ongoing(json):
        from bitocr.lab.jobs.compress import compress
        from bitocr.lab.jobs.recipe import load_recipe

        loaded = load_recipe(recipe, overrides or ())
        report = compress(loaded, teller())
    if json:
        print_json(report)
    else:
        _print(report, loaded.out)


def _print(report: dict[str, Any], out: Path) -> None:
    """A line a variant: bytes, accuracy on every set, time of a line on one thread."""
    width = max(len(each["name"]) for each in report["variants"])
    for each in report["variants"]:
        scores = "  ".join(f"{name} {100 * accuracy:.1f} %" for name, accuracy in each["accuracy"].items())
        columns, milliseconds = list(each["ms"].items())[-1]
        print(f"{each['name']:{width}}  {each['bytes']:>10,} bytes  {milliseconds:6.2f} ms of 32 x {columns}  {scores}")
    print(f"{out / 'report.html'}")
