"""`bitocr eval`: how well a model reads the images of a label file."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.options import add_json, add_limit, add_protocol, add_reading, open_reader
from bitocr.cli.output import print_json, with_name
from bitocr.cli.parser import Parser
from bitocr.errors import UsageError
from bitocr.inspect.edits import KINDS
from bitocr.inspect.metrics import EXACT, PROTOCOLS, edit_distance, score
from bitocr.io.files import write_atomic
from bitocr.io.labels import read_labels
from bitocr.progress import Progress

if TYPE_CHECKING:
    from bitocr.reader import Line, Reader

Labelled = list[tuple[Path, str]]

DETAILS = """\
Images whose text is empty under the protocol are skipped; those that cannot be read count as wrong.

The exact protocol skips none: any text read in an image with an empty label is wrong. It also counts errors by kind:
letters in the wrong case, marks, spaces, and other letters and digits."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "labels", type=Path, nargs="?", metavar="LABELS.tsv", help="On each line an image's path, a tab and its text."
    )
    parser.add_argument(
        "--pages",
        type=Path,
        metavar="PAGES.json",
        help="Measure whole pages instead: a file with the places and texts of their items.",
    )
    parser.add_argument("--partial", action="store_true", help="Some text on the pages has no label.")
    add_protocol(parser)
    add_limit(parser, "Read only the first N images.")
    add_json(parser)
    parser.add_argument(
        "--html", type=Path, metavar="FILE", help="Write a web page of the misread images, worst first."
    )
    add_reading(parser, threads=1)


def run(args: Namespace) -> int:
    if (args.labels is None) == (args.pages is None):
        raise UsageError("eval takes either LABELS.tsv or --pages PAGES.json")
    if args.pages is not None:
        from bitocr.cli.eval_pages import run as run_pages

        return run_pages(args)
    if args.protocol is None:
        raise UsageError("the following arguments are required: --protocol")
    labelled = read_labels(args.labels, args.limit)
    reader = open_reader(args)
    start = time.perf_counter()
    lines = list(_progress(reader, labelled))
    seconds = time.perf_counter() - start
    failed = [with_name(str(path), line.error) for (path, _), line in zip(labelled, lines, strict=True) if line.error]
    for message in failed:
        fail(message)
    result = summarise(labelled, lines, args.protocol, seconds)
    result.update(protocol=args.protocol, model=args.model, threads=reader.threads, failed=len(failed))
    if args.html is not None:
        write_sheet(args.html, labelled, lines, result)
    print_json(result) if args.json else _print(result)
    return SOME_FAILED if failed else OK


def _progress(reader: Reader, labelled: Labelled) -> Iterator[Line]:
    """Reads with a progress line on a terminal."""
    with Progress() as show:
        lines = reader.iter_lines((path for path, _ in labelled), errors="return")
        for done, line in enumerate(lines, 1):
            show("reading", done, len(labelled))
            yield line


def summarise(labelled: Labelled, lines: list[Line], protocol: str, seconds: float) -> dict[str, Any]:
    """n, accuracy and cer (0 to 1), and milliseconds for each image, from file to text; by `exact` what it counts."""
    scored = score(((truth, line.text) for (_, truth), line in zip(labelled, lines, strict=True)), protocol)
    counts = {
        "errors": {kind: scored.kinds[kind] for kind in KINDS},
        "letters": scored.letters,
        "empty": scored.empty,
        "invented": scored.invented,
    }
    return {
        "n": scored.n,
        "accuracy": round(scored.accuracy, 6),
        "cer": round(scored.cer, 6),
        "ms_per_image": round(1000 * seconds / len(lines), 4),
        "skipped": len(lines) - scored.n,
        **(counts if protocol == EXACT else {}),
    }


def write_sheet(html: Path, labelled: Labelled, lines: list[Line], result: dict[str, Any]) -> None:
    """The contact sheet of the images that were not read exactly."""
    from bitocr.inspect.contact_sheet import Misread, contact_sheet

    normalise, skips_empty = PROTOCOLS[result["protocol"]], result["protocol"] != EXACT
    misread = []
    for (path, truth), line in zip(labelled, lines, strict=True):
        reference = normalise(truth)
        distance = edit_distance(reference, normalise(line.text))
        if distance and (reference or not skips_empty):
            error = str(line.error or "")
            name = "/".join(path.parts[-2:])
            share = distance / max(len(reference), 1)
            misread.append(Misread(path, name, truth, line.text, line.confidence, share, error))
    title = f"{result['model']}: misread images"
    summary = (
        f"{len(misread)} of {result['n']} images misread under the protocol '{result['protocol']}': "
        f"accuracy {result['accuracy']:.1%}, character error rate {result['cer']:.1%}. Worst first."
    )
    write_atomic(html, contact_sheet(misread, title, summary, normalise).encode("utf-8", "replace"))


def _print(result: dict[str, Any]) -> None:
    print(f"images     {result['n']}" + (f" ({result['skipped']} skipped)" if result["skipped"] else ""))
    print(f"accuracy   {100 * result['accuracy']:.2f} %")
    print(f"cer        {100 * result['cer']:.2f} %")
    if "errors" in result:
        _print_counts(result)
    print(f"time       {result['ms_per_image']:.3f} ms an image, threads: {result['threads']}")


def _print_counts(result: dict[str, Any]) -> None:
    """What the exact protocol counts."""
    errors = result["errors"]
    rate = 100 * errors["case"] / max(result["letters"], 1)
    print(f"case       {errors['case']} ({rate:.2f} in 100 letters)")
    print(f"marks      {errors['mark']}")
    print(f"spaces     {errors['space']}")
    print(f"others     {errors['letter']}")
    print(f"no text    {result['empty']}, of which {result['invented']} gave text")
