"""`bitocr compress`: distills, prunes, quantizes and exports a network by one recipe, and reports on all of it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bitocr.cli.ongoing import ongoing
from bitocr.cli.options import add_json, add_overrides
from bitocr.cli.output import print_json, table
from bitocr.cli.parser import Parser
from bitocr.progress import Progress

DETAILS = """\
It runs the recipe's steps one after the other, then measures all results. If you stop it with Ctrl-C, the same command
resumes it.

bitocr compress float checkpoint=FILE data.path=FOLDER prunes, quantizes and exports a network with labelled images of
your own, with a recipe from the package; binary does the same for a binary network."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("recipe", metavar="RECIPE", help="A YAML file as in docs/compress.md, or float or binary.")
    add_overrides(parser, "Values that replace those of the recipe, such as steps.pruned.prune.images=10000.")
    add_json(parser)


def run(args: Namespace) -> None:
    with ongoing(args.json), Progress() as show:
        from bitocr.lab.jobs.compress import compress
        from bitocr.lab.jobs.plan import load_plan

        plan = load_plan(args.recipe, args.overrides)
        report = compress(plan, show)
    if args.json:
        print_json(report)
    else:
        _print(report, plan.out)


def _print(report: dict[str, Any], out: Path) -> None:
    """A line a variant: bytes, time of a line on one thread, accuracy on every set."""
    print(*table([_row(each) for each in report["variants"]], right=[1, 2]), sep="\n")
    print(out / "report.html")


def _row(variant: dict[str, Any]) -> list[str]:
    width, milliseconds = list(variant["ms"].items())[-1]
    scores = [f"{name} {100 * accuracy:.1f} %" for name, accuracy in variant["accuracy"].items()]
    return [variant["name"], f"{variant['bytes']:,} bytes", f"{milliseconds:.2f} ms of 32 x {width}", *scores]
