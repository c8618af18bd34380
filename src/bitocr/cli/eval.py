"""`bitocr eval`: how well a model reads the images of a label file."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitocr.cli import OK, SOME_FAILED, fail
from bitocr.cli.options import Beam, Json, LanguageModel, Model, Reread, Threads, Words, open_reader
from bitocr.cli.output import print_json, with_name
from bitocr.inspect.metrics import PROTOCOLS, edit_distance, score
from bitocr.io.files import write_atomic
from bitocr.io.labels import read_labels

if TYPE_CHECKING:
    from bitocr.reader import Line, Reader

Labelled = list[tuple[Path, str]]


def command(
    labels: Annotated[Path, typer.Argument(metavar="LABELS.tsv", help="Each line: an image's path, a tab, its text.")],
    protocol: Annotated[
        Literal["scene", "line"],
        typer.Option(help="scene: letters and digits, case ignored. line: NFKC, case and spaces ignored."),
    ],
    model: Model = "english",
    limit: Annotated[int | None, typer.Option(min=1, help="Read only the first N images.")] = None,
    json: Json = False,
    html: Annotated[Path | None, typer.Option(help="Write a page of the misread images, worst first.")] = None,
    threads: Threads = 1,
    words: Words = None,
    language_model: LanguageModel = "auto",
    beam: Beam = None,
    reread: Reread = None,
) -> None:
    """Measure a model on labelled images: exact matches, character error rate, time.

    Images whose text is empty under the protocol are skipped; those that cannot be read count as wrong.
    """
    labelled = read_labels(labels, limit)
    reader = open_reader(model, threads, beam, words, language_model, reread)
    start = time.perf_counter()
    lines = list(_progress(reader, labelled))
    seconds = time.perf_counter() - start
    failed = [with_name(str(path), line.error) for (path, _), line in zip(labelled, lines, strict=True) if line.error]
    for message in failed:
        fail(message)
    result = summarise(labelled, lines, protocol, seconds)
    result.update(protocol=protocol, model=model, threads=reader.threads, failed=len(failed))
    if html is not None:
        write_sheet(html, labelled, lines, result)
    print_json(result) if json else _print(result)
    raise typer.Exit(SOME_FAILED if failed else OK)


def _progress(reader: Reader, labelled: Labelled) -> Iterator[Line]:
    """The readings, with a progress bar where someone is watching."""
    lines = reader.iter_lines((path for path, _ in labelled), errors="return")
    if not sys.stderr.isatty():
        return lines
    from rich.console import Console
    from rich.progress import track

    bar = track(lines, "Reading", total=len(labelled), console=Console(stderr=True), transient=True)
    return iter(bar)


def summarise(labelled: Labelled, lines: list[Line], protocol: str, seconds: float) -> dict[str, Any]:
    """n, accuracy and cer (0 to 1), and milliseconds for each image, from file to text."""
    scored = score(((truth, line.text) for (_, truth), line in zip(labelled, lines, strict=True)), protocol)
    return {
        "n": scored.n,
        "accuracy": round(scored.accuracy, 6),
        "cer": round(scored.cer, 6),
        "ms_per_image": round(1000 * seconds / len(lines), 4),
        "skipped": len(lines) - scored.n,
    }


def write_sheet(html: Path, labelled: Labelled, lines: list[Line], result: dict[str, Any]) -> None:
    """The contact sheet of the images that were not read exactly."""
    from bitocr.inspect.contact_sheet import Misread, contact_sheet

    normalise = PROTOCOLS[result["protocol"]]
    misread = []
    for (path, truth), line in zip(labelled, lines, strict=True):
        reference = normalise(truth)
        distance = edit_distance(reference, normalise(line.text))
        if reference and distance:
            error = str(line.error or "")
            name = "/".join(path.parts[-2:])
            misread.append(Misread(path, name, truth, line.text, line.confidence, distance / len(reference), error))
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
    print(f"time       {result['ms_per_image']:.3f} ms an image, threads: {result['threads']}")
