"""`bitocr verify`: whether an exported file reads what its checkpoint reads."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitocr.cli import OK, SOME_FAILED
from bitocr.cli.options import add_json, add_limit
from bitocr.cli.output import clean, print_json
from bitocr.cli.parser import Parser, whole
from bitocr.progress import Progress

if TYPE_CHECKING:
    from bitocr.lab.export.verify import Comparison

SHOWN = 10
"""Texts that differ, printed."""

DETAILS = """\
It runs both on the same images and compares logits and texts. The exit code is 0 if no more texts differ than --allow
says, otherwise 1.

A packed .mnn has rounded weights: it must read what the checkpoint reads with weights rounded the same way. The number
of texts that differ from the checkpoint's own is printed as well."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="The .bit, .onnx or .mnn to check.")
    parser.add_argument(
        "--against",
        type=Path,
        required=True,
        metavar="CHECKPOINT",
        help="The weights.safetensors, or .bit, that it was exported from.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        metavar="LABELS",
        help="Images: a label file, its folder, or an LMDB; without it, text is rendered.",
    )
    add_limit(parser, "How many images.", default=200)
    parser.add_argument("--allow", type=whole(0), default=0, metavar="N", help="How many texts may differ.")
    add_json(parser)


def run(args: Namespace) -> int:
    from bitocr.lab.export.verify import compare, labelled, rendered

    images = labelled(args.data, args.limit) if args.data is not None else rendered(args.limit)
    total = len(images) if isinstance(images, list) else args.limit
    with Progress() as show:
        comparison = compare(args.file, args.against, images, lambda done: show("comparing", done, total))
    result = summary(comparison, args.allow)
    print_json(result) if args.json else show_result(args.file, args.against, result)
    return OK if result["same"] else SOME_FAILED


def summary(comparison: Comparison, allow: int) -> dict[str, Any]:
    """Differences are of log-probabilities; `median` is that of the images' largest.

    If the file has rounded weights, also "rounded_weights": the differences from the checkpoint with such weights.
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


def show_result(file: Path, against: Path, result: dict[str, Any]) -> None:
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
