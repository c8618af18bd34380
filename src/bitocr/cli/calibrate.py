"""`bitocr calibrate`: makes a model's confidences probabilities."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from bitocr.cli.options import add_json, add_model_argument, add_protocol, add_threads
from bitocr.cli.output import print_json
from bitocr.cli.parser import Parser
from bitocr.errors import UsageError

DETAILS = """\
Use at least a few hundred images that the model was not trained on, of the kind that it will read. The fit gives two
numbers, which are stored in the model and used by everything that reads with it."""


def add_arguments(parser: Parser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "labels",
        type=Path,
        nargs="+",
        metavar="LABELS.tsv",
        help="Images that the model was not trained on: on each line a path, a tab and the text.",
    )
    add_protocol(parser, required=True)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="Write the model to this file instead of replacing it. A shipped model is never replaced.",
    )
    add_threads(parser, 1)
    add_json(parser)


def run(args: Namespace) -> None:
    from bitocr.io import shipped
    from bitocr.io.files import write_atomic
    from bitocr.lab.export.calibrate import calibrate

    path = shipped.find(args.model)
    if args.out is None and path.resolve().parent == shipped.FOLDER.resolve():
        raise UsageError(f"{args.model} comes with bitocr and is not replaced: name a file for its copy (-o FILE)")
    out = args.out or path
    data, fit = calibrate(path, args.labels, args.protocol, args.threads)
    write_atomic(out, data)
    if args.json:
        print_json(asdict(fit))
        return
    print(f"{out}: fitted on {fit.images} images, {100 * fit.accuracy:.1f} % of them read right")
    print(f"slope {fit.slope:g}, offset {fit.offset:g}")
    print(f"calibration error {100 * fit.before:.1f} points without, {100 * fit.after:.1f} with")
