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

    Exit code 0 where no more texts differ than --allow, else 1. A packed .mnn has rounded weights: it must read what
    the checkpoint reads with weights so rounded; how many texts differ from the checkpoint's own is told as well.
    """
    from bitocr.lab.export.verify import compare, labelled, rendered

    images = labelled(data, limit) if data is not None else rendered(limit)
    with progress(len(images) if isinstance(images, list) else limit) as advance:
        comparison = compare(file, against, images, advance)
    result = summary(comparison, allow)
    print_json(result) if json else show(file, against, result)
    raise typer.Exit(OK if result["same"] else SOME_FAILED)


def summary(comparison: Comparison, allow: int) -> dict[str, Any]:
    """Differences are of log-probabilities; `median` is that of the images' largest.

    With "rounded_weights", where the file has rounded weights: the differences from the checkpoint with such weights.
    """
    judged = comparison.rounded or comparison
    result = {"images": comparison.images, **differences(comparison), "allowed": allow}
    if comparison.rounded is not None:
        result["rounded_weights"] = differences(comparison.rounded)
    return {**result, "same": len(judged.differing) <= allow}


def differences(comparison: Comparison) -> dict[str, Any]:
    from statistics import median

    return {
        "largest_difference": max(comparison.largest),
        "median_difference": median(comparison.largest),
        "texts_differ": len(comparison.differing),
        "differing": [vars(difference) for difference in comparison.differing],
    }


def show(file: Path, against: Path, result: dict[str, Any]) -> None:
    print(f"images              {result['images']}")
    show_differences(result)
    reads = f"{against} reads"
    if rounded := result.get("rounded_weights"):
        print("\nand with weights rounded as in the file:")
        show_differences(rounded)
        reads += " with weights so rounded"
    verdict = "reads what" if result["same"] else "does not read what"
    print(clean(f"{file} {verdict} {reads}"))


def show_differences(result: dict[str, Any]) -> None:
    print(
        f"largest difference  {result['largest_difference']:.3g} of a log-probability, "
        f"{result['median_difference']:.3g} in the median image"
    )
    print(f"texts that differ   {result['texts_differ']}")
    for difference in result["differing"][:SHOWN]:
        print(clean(f"  {difference['image']}: {difference['found']!r}, not {difference['expected']!r}"))
    if result["texts_differ"] > SHOWN:
        print(f"  ... and {result['texts_differ'] - SHOWN} more")


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
