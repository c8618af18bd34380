"""`bitocr verify`: whether an exported file reads what its checkpoint reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bitocr.cli import OK, SOME_FAILED
from bitocr.cli.options import Json
from bitocr.cli.output import clean, console, print_json

if TYPE_CHECKING:
    from bitocr.lab.export.verify import Comparison

SHOWN = 10
"""Texts that differ, printed."""


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .bit, .onnx or .mnn to try.")],
    against: Annotated[Path, typer.Option(help="The weights.safetensors, or .bit, that it was exported from.")],
    data: Annotated[
        Path | None, typer.Option(help="Images: a label file, its folder, or an LMDB; else text is rendered.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many images.")] = 200,
    allow: Annotated[int, typer.Option(min=0, help="How many texts may differ.")] = 0,
    json: Json = False,
) -> None:
    """Compare a file with the checkpoint that it was exported from, on images: logits and texts.

    Exit code 0 where no more texts differ than --allow, else 1. A checkpoint that was not trained for 8 bits reads some
    texts differently once it has them: compare a packed .mnn with the .bit of the same checkpoint.
    """
    from bitocr.lab.export.verify import compare, labelled, rendered

    images = labelled(data, limit) if data is not None else rendered(limit)
    with progress(len(images) if isinstance(images, list) else limit) as advance:
        comparison = compare(file, against, images, advance)
    result = summary(comparison, allow)
    print_json(result) if json else show(file, against, result)
    raise typer.Exit(OK if result["same"] else SOME_FAILED)


def summary(comparison: Comparison, allow: int) -> dict[str, Any]:
    """Differences are of log-probabilities; `median` is that of the images' largest."""
    from statistics import median

    differing = [vars(difference) for difference in comparison.differing]
    return {
        "images": comparison.images,
        "largest_difference": max(comparison.largest),
        "median_difference": median(comparison.largest),
        "texts_differ": len(differing),
        "allowed": allow,
        "same": len(differing) <= allow,
        "differing": differing,
    }


def show(file: Path, against: Path, result: dict[str, Any]) -> None:
    print(f"images              {result['images']}")
    print(
        f"largest difference  {result['largest_difference']:.3g} of a log-probability, "
        f"{result['median_difference']:.3g} in the median image"
    )
    print(f"texts that differ   {result['texts_differ']}")
    for difference in result["differing"][:SHOWN]:
        print(clean(f"  {difference['image']}: {difference['found']!r}, not {difference['expected']!r}"))
    if result["texts_differ"] > SHOWN:
        print(f"  ... and {result['texts_differ'] - SHOWN} more")
    verdict = "reads what" if result["same"] else "does not read what"
    print(clean(f"{file} {verdict} {against} reads"))


@contextmanager
def progress(count: int) -> Iterator[Callable[[int], None]]:
    """A bar with the time that is left, on standard error where that is a terminal."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lambda done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("Comparing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=screen, transient=True) as bars:
        task = bars.add_task("", total=count)
        yield lambda done: bars.update(task, completed=done)
