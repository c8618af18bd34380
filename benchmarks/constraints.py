"""Measures what constrained reading gains on dates and amounts: errors with and without the constraint.

    python benchmarks/constraints.py DIR [--model english] [--shrink FACTOR] [--doc PAGE]

DIR holds test sets as for `make bench-peers`; sroie_lines and funsd_lines are read. A regular expression on the labels
chooses lines that are a date or an amount, and lines that hold one. The same expression is the pattern of the reading.
A line that is a date or an amount is right if all characters agree, whatever their case and spaces; in a line that
holds one, the date or amount must be there. --shrink makes the images smaller first, if all are too easy.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from docs_pages import marks, replace_between
from PIL import Image

from bitocr import Reader
from bitocr.errors import BitocrError
from bitocr.inspect.metrics import normalise_line
from bitocr.io.images import load
from bitocr.io.labels import read_labels

SETS = ("sroie_lines", "funsd_lines")
HEAD = "| lines | how many | errors | errors with the pattern | fewer, % |\n|---|---|---|---|---|"


def _any_case(name: str) -> str:
    return "".join(f"[{c.upper()}{c.lower()}]" for c in name)


# These mean the same as Python's regular expressions and as bitocr's patterns.
MONTH = "(" + "|".join(map(_any_case, "jan feb mar apr may jun jul aug sep oct nov dec".split())) + ")[A-Za-z]{0,6}"
DATE = "|".join(
    [
        *(f"[0-9]{{1,2}}{sign}[0-9]{{1,2}}{sign}([0-9]{{4}}|[0-9]{{2}})" for sign in ("/", "-", r"\.")),
        *(f"[0-9]{{4}}{sign}[0-9]{{1,2}}{sign}[0-9]{{1,2}}" for sign in ("/", "-", r"\.")),
        rf"[0-9]{{1,2}}[ /\.-]?{MONTH}[ ,/\.-]{{0,2}}([0-9]{{4}}|[0-9]{{2}})",
        rf"{MONTH}\.? [0-9]{{1,2}},? [0-9]{{4}}",
    ]
)
AMOUNT = r"(RM ?|\$ ?)?-?[0-9]{1,3}(,?[0-9]{3}){0,3}\.[0-9]{2}"


@dataclass(frozen=True)
class Kind:
    """The lines to read: those whose label, or a part of it, fits `pattern`."""

    name: str
    pattern: str
    is_part: bool = False

    def found(self, text: str) -> list[str]:
        """The parts of a text that fit, normalised for comparison."""
        if self.is_part:
            parts = re.finditer(rf"(?<![0-9A-Za-z])({self.pattern})(?![0-9A-Za-z])", text)
            return [normalise_line(part[0]) for part in parts]
        return [normalise_line(text)] if re.fullmatch(self.pattern, text) else []

    def constraint(self) -> str:
        around = r"([ -~]*[^0-9A-Za-z])?", r"([^0-9A-Za-z][ -~]*)?"
        return f"{around[0]}({self.pattern}){around[1]}" if self.is_part else self.pattern


KINDS = (
    Kind("are a date", DATE),
    Kind("hold a date", DATE, is_part=True),
    Kind("are an amount", AMOUNT),
    Kind("hold an amount", AMOUNT, is_part=True),
)


def errors(reader: Reader, kind: Kind, lines: list[tuple[Image.Image, str]], pattern: str | None) -> int:
    """The number of lines whose reading lacks what the label has."""
    readings = reader.read_lines([image for image, _ in lines], pattern=pattern)
    wrong = 0
    for (_, label), reading in zip(lines, readings, strict=True):
        expected = kind.found(label)
        got = kind.found(reading.text) if kind.is_part else [normalise_line(reading.text)]
        wrong += expected != got
    return wrong


def shrunk(path: Path, factor: float) -> Image.Image:
    image = Image.fromarray(load(path))
    return image.resize((max(1, round(image.width / factor)), max(1, round(image.height / factor))), Image.BICUBIC)


def rows(data: Path, model: str, factor: float) -> Iterator[str]:
    files = [data / name / "labels.tsv" for name in SETS if (data / name / "labels.tsv").is_file()]
    labelled = [pair for labels in files for pair in read_labels(labels)]
    reader = Reader(model)
    for kind in KINDS:
        chosen = [(shrunk(path, factor), text) for path, text in labelled if kind.found(text)]
        without, with_it = (errors(reader, kind, chosen, pattern) for pattern in (None, kind.constraint()))
        fewer = f"{100 * (1 - with_it / without):.0f}" if without else "-"
        yield f"| {kind.name} | {len(chosen)} | {without} | {with_it} | {fewer} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--shrink", type=float, default=1.0)
    parser.add_argument("--doc", type=Path, default=None)
    arguments = parser.parse_args()
    table = [HEAD]
    print(HEAD)
    for row in rows(arguments.data, arguments.model, arguments.shrink):
        table.append(row)
        print(row, flush=True)
    if arguments.doc is not None:
        replace_between(*marks(Path(__file__).name), arguments.doc, "\n".join(table))


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(str(error))
