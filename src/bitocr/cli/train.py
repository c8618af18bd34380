"""`bitocr train`: runs a recipe from start to end, or goes on with it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def command(
    config: Annotated[Path, typer.Argument(help="The recipe, a YAML file as in configs/.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="As in stages.0.images=100000.")
    ] = None,
) -> None:
    """Train a recognizer. Stopped with Ctrl-C, the same command goes on where it stopped."""
    from bitocr.lab.train.config import load_recipe
    from bitocr.lab.train.run import run_recipe

    try:
        weights = run_recipe(load_recipe(config, overrides or ()))
    except KeyboardInterrupt:
        print("stopped: the same command goes on from the last checkpoint", file=sys.stderr)
        raise
    print(f"{weights}\nNext: bitocr export {weights} MODEL.bit")
