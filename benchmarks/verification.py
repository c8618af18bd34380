"""Checks whether each exported file of a network reads the same as PyTorch.

    python benchmarks/verification.py LABELS CHECKPOINT [CHECKPOINT ...] [--limit 500] [--doc docs/deploy.md]

Exports each checkpoint to a temporary folder in all formats and precisions that it has, and compares them as
`bitocr verify` does. Files with other numbers than the checkpoint are also compared with PyTorch on these numbers.
Prints the table; --doc puts it into a page, between its lines that name this script.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

from docs_pages import marks, replace_between

from bitocr.errors import BitocrError
from bitocr.inspect.metrics import PROTOCOLS, score
from bitocr.lab import markdown
from bitocr.lab.export.bit import export_bit
from bitocr.lab.export.mnn import automatic, export_mnn
from bitocr.lab.export.onnx import export_onnx
from bitocr.lab.export.source import Source, open_source
from bitocr.lab.export.verify import Comparison, compare
from bitocr.lab.report.measure import LabelledSet, open_set

BEGIN, END = marks("verification.py")
put_into = partial(replace_between, BEGIN, END)
HEADS = (
    "network",
    "file",
    "bytes",
    "compared with",
    "largest difference",
    "in the median image",
    "texts that differ",
    "read right, %",
)


def forms(source: Source) -> list[str]:
    """The names of the files to export a network to: "PRECISION.SUFFIX", or "model.bit"."""
    if source.scheme == "static":
        int8 = ["int8.mnn"] if automatic(source) == "int8" else []
        return ["int8.onnx", *int8, "packed.mnn"]
    if source.scheme == "dynamic":
        return ["int8.onnx", "packed.mnn"]
    if source.binary:
        return ["model.bit", "float.onnx", "float.mnn", "packed.mnn"]
    return ["float.onnx", "float.mnn", "half.mnn", "packed.mnn"]


def export(checkpoint: Path, file: Path) -> None:
    if file.suffix == ".bit":
        export_bit(checkpoint, file)
    else:
        {".onnx": export_onnx, ".mnn": export_mnn}[file.suffix](checkpoint, file, file.stem)


def comparisons(checkpoint: Path, folder: Path, images: LabelledSet) -> Iterator[tuple[Path, str, Comparison]]:
    """For each file, what it is compared with, and how the two differ."""
    source = open_source(checkpoint)
    named = [(text, image) for image, text in zip(images.images, images.texts, strict=True)]
    for name in forms(source):
        file = folder / name
        export(checkpoint, file)
        found = compare(file, checkpoint, named)
        yield file, "the checkpoint", found
        if found.rounded is not None:
            yield file, "its numbers as the file has them", found.rounded
        elif name == "model.bit":
            yield file, "its numbers as the file has them", compare(file, file, named)


def rows(checkpoint: Path, images: LabelledSet) -> Iterator[str]:
    network = "/".join(checkpoint.resolve().parent.parts[-2:])
    with tempfile.TemporaryDirectory() as folder:
        for file, against, found in comparisons(checkpoint, Path(folder), images):
            right = score(zip(images.texts, found.texts, strict=True), images.protocol)
            cells = [network, file.name, f"{file.stat().st_size:,}", against]
            cells += [f"{value:.2g}" for value in (max(found.largest), median(found.largest))]
            yield markdown.row([*cells, str(len(found.differing)), f"{100 * right.accuracy:.1f}"])


def table(checkpoints: list[Path], images: LabelledSet) -> Iterator[str]:
    """The table in Markdown: a row for each comparison of each file."""
    yield from markdown.table(HEADS, [])
    for checkpoint in checkpoints:
        yield from rows(checkpoint, images)
    yield ""
    yield f"{len(images.images)} images of {images.name}. Differences are of log-probabilities; greedy, no n-grams."


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("--limit", type=int, default=500)
    parser.add_argument("--protocol", choices=list(PROTOCOLS), default="scene")
    parser.add_argument("--doc", type=Path)
    arguments = parser.parse_args(argv)
    try:
        images, lines = open_set(arguments.labels, arguments.protocol, arguments.limit), []
        for line in table(arguments.checkpoints, images):
            print(line, flush=True)
            lines.append(line)
        if arguments.doc is not None:
            put_into(arguments.doc, "\n".join(lines))
    except BitocrError as error:
        sys.exit(f"{parser.prog}: {error}")


if __name__ == "__main__":
    main()
