"""`bitocr report`: what each of many files costs and gives, on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from bitocr.cli.ongoing import teller
from bitocr.errors import UsageError


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
    from bitocr.lab.report.facts import facts
    from bitocr.lab.report.measure import check_files, measure, open_set
    from bitocr.lab.report.page import write_report

    if out.suffix != ".html":
        raise UsageError(f"{out}: the page's name must end in .html")
    check_files(files)
    sets = [open_set(path, protocol, limit) for path in data]
    variants = measure(files, sets, rounds, teller())
    for path in write_report(variants, facts(sets, rounds), out):
        print(f"{path}  {path.stat().st_size:,} bytes")
