"""`bitocr batch`: collections of pictures into files of rows."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.ongoing import ongoing
from bitocr.cli.options import add_json, add_reading, read_words
from bitocr.cli.output import print_json
from bitocr.cli.parser import Parser, whole
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.batch import Summary

FORMATS = ("jsonl.gz", "jsonl.zst", "jsonl", "parquet")
DETAILS = """\
IN is a folder, a quoted pattern, pictures, a .tar or .parquet file, @FILE with a path on each line, or a URL such as
s3://bucket/scans. OUT is a folder, which gets files of rows in the inputs' order, one row a page, and errors.jsonl,
which names the inputs that failed. You can stop it at any time: the same command resumes it."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("paths", nargs="*", metavar="IN ... OUT", help="What to read, and the folder to write.")
    parser.add_argument("--line", action="store_true", help="Each picture is one line or word.")
    parser.add_argument("--format", choices=FORMATS, default=FORMATS[0], help="The format of the files of rows.")
    add_reading(parser, threads=0)
    parser.add_argument(
        "--processes",
        type=whole(0, 1024),
        default=0,
        metavar="N",
        help="Read in N processes instead of threads, so that a picture that crashes its decoder harms no others.",
    )
    parser.add_argument(
        "--shard",
        type=_share,
        default=(1, 1),
        metavar="K/N",
        help="Do part K of N. N machines that share IN and OUT do all parts (default: 1/1).",
    )
    parser.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="Where to read: here, or on a Ray cluster."
    )
    parser.add_argument("--retry-errors", action="store_true", help="Try again to read inputs that failed.")
    parser.add_argument(
        "--shard-size",
        type=whole(1),
        metavar="N",
        help="About how many inputs go into one file (default: 100 pages, 1,000 lines).",
    )
    parser.add_argument("--status", metavar="OUT", help="Show the progress of the batch in OUT, and read nothing.")
    add_json(parser)


def run(args: Namespace) -> int:
    if args.status is not None:
        return _status(args)
    if len(args.paths) < 2:
        raise UsageError("say what to read and which folder to write: bitocr batch IN OUT")
    from bitocr import batch

    *inputs, out = args.paths
    with ongoing(as_json=True):
        summary = batch.run(
            inputs,
            out,
            line=args.line,
            model=args.model,
            format=args.format,
            threads=args.threads,
            processes=args.processes,
            shard=args.shard,
            engine=args.engine,
            retry_errors=args.retry_errors,
            shard_size=args.shard_size or 0,
            progress=True,
            **_reading(args),
        )
    return _tell(summary, out, args.json)


def _reading(args: Namespace) -> dict[str, object]:
    """The options of `Reader`."""
    return {
        "beam": args.beam,
        "words": None if args.words is None else read_words(args.words),
        "language_model": args.language_model,
        "reread": args.reread,
        "max_pixels": args.max_pixels,
        "allow": args.allow,
        "pattern": args.pattern,
        "check": args.check,
        "detector": args.detector,
    }


def _tell(summary: Summary, out: str, as_json: bool) -> int:
    for message in summary.unread:
        fail(message)
    if as_json:
        print_json(summary._asdict())
    else:
        print(f"{summary.done:,} of {summary.inputs:,} inputs are in {out}, {summary.read:,} read now")
        if summary.failed:
            print(f"{summary.failed:,} could not be read: see {out}/errors.jsonl", file=sys.stderr)
    return SOME_FAILED if summary.failed or summary.unread else OK


def _status(args: Namespace) -> int:
    from bitocr import batch

    status = batch.status(args.status)
    if args.json:
        print_json({**status._asdict(), "complete": status.complete})
    else:
        print(f"{status.inputs_done:,} of {status.inputs:,} inputs are done, {status.failed:,} of them failed")
        print(f"{status.shards_done:,} of {status.shards:,} shards are done{': complete' if status.complete else ''}")
    return OK


def _share(text: str) -> tuple[int, int]:
    part, slash, of = text.partition("/")
    if not (slash and part.isascii() and part.isdigit() and of.isascii() and of.isdigit()):
        raise ArgumentTypeError(f"{text!r} is not K/N, such as 1/4")
    return int(part), int(of)
