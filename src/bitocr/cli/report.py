"""`bitocr report`: what each of many files costs and gives, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitocr.cli.output import console
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from bitocr.lab.report.measure import LabelledSet, Progress


def command(
    files: Annotated[list[Path], typer.Argument(help="The .bit, .onnx, .mnn and weights.safetensors to compare.")],
    data: Annotated[list[Path], typer.Option(help="A label file, its folder, or an LMDB; may be given several times.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The page; its figures go beside it, as .json and .md.")],
    protocol: Annotated[
        Literal["scene", "line"],
        typer.Option(help="scene: letters and digits, case ignored. line: NFKC, case and spaces ignored."),
    ] = "scene",
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="Only the first N of each set.")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=1000, help="Of timing; each file has its turn in each.")] = 15,
) -> None:
    """Measure networks side by side on one thread: bytes, accuracy, time, memory; a page with plots, JSON, markdown.

    Every file is read greedily, with the charset that it holds. Close other programs first.
    """
    from bitocr.lab.report.measure import check_names, measure
    from bitocr.lab.report.page import write_report

    if out.suffix != ".html":
        raise UsageError(f"{out}: the page's name must end in .html")
    check_names(files)
    sets = [labelled_set(path, protocol, limit) for path in data]
    variants = measure(files, sets, rounds, teller())
    for path in write_report(variants, facts(sets, rounds), out):
        print(f"{path}  {path.stat().st_size:,} bytes")


def labelled_set(path: Path, protocol: str, limit: int | None) -> LabelledSet:
    from bitocr.lab.data.datasets import read_samples
    from bitocr.lab.report.measure import LabelledSet

    samples = read_samples(path, limit)
    name = path.resolve().parent.name if path.suffix == ".tsv" else path.resolve().name
    return LabelledSet(name, protocol, [image for image, _ in samples], [text for _, text in samples])


def facts(sets: Sequence[LabelledSet], rounds: int) -> dict[str, Any]:
    """Where and how it is measured."""
    from importlib.metadata import PackageNotFoundError, version

    from bitocr.bench import cpu_name

    versions = {}
    for package in ("bitocr", "torch", "onnxruntime", "MNN"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    counted = {each.name: (len(each.images), each.protocol) for each in sets}
    return {"cpu": cpu_name(), "threads": 1, "rounds": rounds, "versions": versions, "sets": counted}


def teller() -> Progress:
    """One line on standard error that says what is done, with an estimate; nothing where nobody is watching."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        return lambda what, done, total: None
    import time

    begun: dict[str, float] = {}

    def tell(what: str, done: int, total: int) -> None:
        start = begun.setdefault(what, time.monotonic())
        left = (time.monotonic() - start) / done * (total - done)
        screen.print(f"{what}: {done:,} of {total:,}, {left:.0f} s left   ", end="\n" if done == total else "\r")

    return tell
