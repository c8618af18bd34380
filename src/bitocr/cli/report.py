"""`bitocr report`: compares model files on one page."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from bitocr.cli.options import add_limit, add_protocol
from bitocr.cli.parser import Parser, whole
from bitocr.errors import UsageError
from bitocr.progress import Progress

DETAILS = """\
It measures on one thread, and writes a page with plots, its figures as JSON, and as markdown. Every file is read
greedily, with the charset that it holds. Close other programs first."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="The .bit, .onnx, .mnn and weights.safetensors to compare."
    )
    parser.add_argument(
        "--data",
        type=Path,
        action="append",
        required=True,
        metavar="LABELS",
        help="A label file, its folder, or an LMDB; may be given several times.",
    )
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="PAGE.html",
        help="The page; its figures go beside it, as .json and .md.",
    )
    add_protocol(parser, default="scene")
    add_limit(parser, "Only the first N images of each set.")
    parser.add_argument(
        "--rounds",
        type=whole(1, 1000),
        default=15,
        metavar="N",
        help="Rounds of timing; each file has its turn in each.",
    )


def run(args: Namespace) -> None:
    from bitocr.lab.report.facts import facts
    from bitocr.lab.report.measure import check_files, measure, open_set
    from bitocr.lab.report.page import write_report

    if args.out.suffix != ".html":
        raise UsageError(f"{args.out}: the page's name must end in .html")
    check_files(args.files)
    sets = [open_set(path, args.protocol, args.limit) for path in args.data]
    with Progress() as show:
        variants = measure(args.files, sets, args.rounds, show)
    for path in write_report(variants, facts(sets, args.rounds), args.out):
        print(f"{path}  {path.stat().st_size:,} bytes")
