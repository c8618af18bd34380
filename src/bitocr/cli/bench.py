"""`bitocr bench`: how fast the engine is on this machine."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from bitocr.cli.options import Json, Model
from bitocr.cli.output import console, print_json
from bitocr.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console


def command(
    what: Annotated[Literal["engine", "train"], typer.Argument(help="The engine, or training.")] = "engine",
    model: Model = "english",
    kernel: Annotated[list[str] | None, typer.Option(help="Only these kernels; may be given several times.")] = None,
    onnx: Annotated[
        list[Path] | None,
        typer.Option(help="ONNX files to time beside it; else the same network and the MobileNet CRNN, if installed."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.01, max=60, help="Time spent on each figure.")] = 0.5,
    json: Json = False,
) -> None:
    """Measure the engine (binary layers, networks, many images, a cold start) or training (steps, rendering).

    The engine's figures are on one thread unless said, and the best of many runs. Beside them stands ONNX Runtime with
    the same network and with the MobileNet CRNN, in float and int8, where bitocr[lab,bench] is installed. Training's
    steps are those of the model's own network in each stage, by CTC alone, on all cores or the GPU; rendering and the
    stream take one core. Close other programs first.
    """
    if what == "train":
        report_training(model, json)
        return
    with TemporaryDirectory() as folder:
        report = measure(model, kernel or [], onnx or rivals(model, Path(folder)), seconds)
    if json:
        print_json(report, indent=2)
    else:
        _print(report)


def rivals(model: str, folder: Path) -> list[Path]:
    """ONNX files to compare with, or none where the extras that make them are not installed."""
    from bitocr.io import bitfile, shipped

    if not all(importlib.util.find_spec(module) for module in ("torch", "onnx", "onnxruntime")):
        console(stderr=True).print("for ONNX Runtime beside it: pip install 'bitocr[lab,bench]'", markup=False)
        return []
    from bitocr.lab.export.rivals import write_rivals

    return write_rivals(bitfile.read(shipped.find(model))[0]["network"], folder)


def report_training(model: str, json: bool) -> None:
    from bitocr.lab.train.throughput import measure

    rows = measure(model)
    if json:
        print_json(rows, indent=2)
        return
    twin = next(row["images_per_s"] for row in rows if row["what"].endswith("stage float"))
    table: list[tuple[str, ...]] = [
        (r["what"], f"{r['images_per_s']:,.0f}", f"{r['images_per_s'] / twin:.2f}") for r in rows
    ]
    _table(console(), "training, 32 x 128", ["what", "images/s", "of the float twin"], table)


def measure(model: str, names: list[str], onnx: list[Path], seconds: float) -> dict[str, Any]:
    """All figures, as plain values. Raises BitocrError for an unknown model, kernel or ONNX file."""
    from bitocr.inspect import speed
    from bitocr.io import shipped

    path, here = shipped.find(model), speed.machine()
    for name in names:
        if name not in here["kernels"]:
            raise UsageError(f"the kernel '{name}' does not run here: choose from {', '.join(here['kernels'])}")
    for file in onnx:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
    names = names or here["kernels"]
    return {
        "machine": here,
        "model": model,
        "onnx_runtime": speed.onnx_runtime(onnx, seconds=seconds) if onnx else [],
        "layers": speed.layers(names, seconds),
        "networks": speed.networks(path, names, seconds),
        "throughput": speed.throughput(path, sorted({1, here["cores"]}), seconds),
        "cold_start": speed.cold_start(path),
    }


def _print(report: dict[str, Any]) -> None:
    out, here = console(), report["machine"]
    out.print(f"{here['cpu']}, {here['cores']} cores, kernels: {', '.join(here['kernels'])}\n", markup=False)
    rows: list[tuple[str, ...]]
    rows = [(r["kernel"], _layer(r), f"{r['gmac_per_s']:.0f}") for r in report["layers"]]
    _table(out, "binary 3x3 layers", ["kernel", "layer", "GMAC/s"], rows)
    parts = ["ms", "stem", "blocks", "neck", "head"]
    rows = [(r["kernel"], f"32 x {r['width']}", *(f"{r[p]:.3f}" for p in parts)) for r in report["networks"]]
    rows += [(f"ONNX Runtime {r['file']}", f"32 x {r['width']}", f"{r['ms']:.3f}") for r in report["onnx_runtime"]]
    _table(out, f"network {report['model']}", ["kernel", "line", *parts], rows)
    rows = [(str(r["threads"]), f"{r['images_per_s']:,.0f}") for r in report["throughput"]]
    _table(out, "from pixels to text, 32 x 100", ["threads", "images/s"], rows)
    start = report["cold_start"]
    out.print(f"a new process: import, load and first line {start['ms']:.0f} ms, {start['peak_mb']:.0f} MB at most")


def _layer(row: dict[str, Any]) -> str:
    return f"{row['channels']} channels, {row['height']} x {row['width']}"


def _table(out: Console, title: str, columns: list[str], rows: list[tuple[str, ...]]) -> None:
    from rich.table import Table

    out.print(title, style="bold", markup=False)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i > 1 or column == "images/s" else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    out.print(table)
    out.print()
