"""`bitocr bench`: how fast the engine is on this machine."""

from __future__ import annotations

import importlib.util
import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bitocr.cli.options import add_json, add_model
from bitocr.cli.output import BOLD, print_json, print_table, styled
from bitocr.cli.parser import Parser, number
from bitocr.errors import UsageError

DETAILS = """\
engine measures binary layers, networks, many images and a cold start, on one thread unless it says otherwise; each
figure is the best of many runs. For comparison, it measures ONNX Runtime with the same network and
with the MobileNet CRNN, in float and int8, if bitocr[lab,bench] is installed.

train measures steps of the model's own network in each stage, by CTC alone, on all cores or the GPU; rendering and the
stream take one core. Then it measures each option of a training with and without, in turns.

Close other programs first."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "what", nargs="?", choices=("engine", "train"), default="engine", help="The engine, or training."
    )
    add_model(parser)
    parser.add_argument(
        "--kernel", action="append", metavar="NAME", help="Only this kernel; may be given several times."
    )
    parser.add_argument(
        "--onnx",
        type=Path,
        action="append",
        metavar="FILE",
        help="Time this ONNX file beside the engine, instead of the networks above; may be given several times.",
    )
    parser.add_argument(
        "--seconds", type=number(0.01, 60), default=0.5, metavar="S", help="Time to spend on each figure."
    )
    parser.add_argument(
        "--instructions",
        action="store_true",
        help="Instead of times, count the instructions that a line takes, with valgrind.",
    )
    add_json(parser)


def run(args: Namespace) -> None:
    if args.instructions:
        if args.what == "train":
            raise UsageError("--instructions counts those of the engine: leave out 'train'")
        report_instructions(args.model, args.kernel or [], args.json)
        return
    if args.what == "train":
        report_training(args.model, args.json)
        return
    with TemporaryDirectory() as folder:
        onnx = args.onnx or rivals(args.model, Path(folder))
        report = measure(args.model, args.kernel or [], onnx, args.seconds)
    if args.json:
        print_json(report, indent=2)
    else:
        _print(report)


def rivals(model: str, folder: Path) -> list[Path]:
    """ONNX files to compare with; none if the extras that make them are not installed."""
    from bitocr.io import bitfile, shipped

    if not all(importlib.util.find_spec(module) for module in ("torch", "onnx", "onnxruntime")):
        print("to compare with ONNX Runtime: pip install 'bitocr[lab,bench]'", file=sys.stderr)
        return []
    from bitocr.lab.export.rivals import write_rivals

    return write_rivals(bitfile.read(shipped.find(model))[0]["network"], folder)


def report_training(model: str, json: bool) -> None:
    from bitocr.lab.train.compare import compare
    from bitocr.lab.train.throughput import measure

    rows, options = measure(model), compare(model)
    if json:
        print_json(rows + options, indent=2)
        return
    base = next(row["images_per_s"] for row in rows if row["what"].endswith("stage float"))
    cells = [(r["what"], f"{r['images_per_s']:,.0f}", f"{r['images_per_s'] / base:.2f}") for r in rows]
    _table("training, 32 x 128", ["what", "images/s", "of the float network"], cells, left=1)
    pairs = [(r["what"], r["without"], r["images_per_s"]) for r in options]
    ratios = [(what, f"{plain:,.0f}", f"{faster:,.0f}", f"{faster / plain:.2f}") for what, plain, faster in pairs]
    _table("options, stage both", ["what", "images/s without", "with", "ratio"], ratios, left=1)


def report_instructions(model: str, names: list[str], json: bool) -> None:
    from bitocr.inspect import instructions
    from bitocr.io import shipped
    from bitocr.native.engine import kernels

    rows = instructions.counts(shipped.find(model), check_kernels(names, kernels()))
    if json:
        print_json(rows, indent=2)
        return
    counts = [(row["kernel"], row["instructions"]) for row in rows]
    cells = [(name, "valgrind cannot run it" if n is None else f"{n / 1e6:.2f}") for name, n in counts]
    _table(f"from pixels to text, a line of 32 x 320, {model}", ["kernel", "million instructions"], cells, left=1)


def check_kernels(names: list[str], here: list[str]) -> list[str]:
    """The kernels of these names, or else all that run here. Raises UsageError if one does not."""
    for name in names:
        if name not in here:
            raise UsageError(f"the kernel '{name}' does not run here: choose from {', '.join(here)}")
    return names or here


def measure(model: str, names: list[str], onnx: list[Path], seconds: float) -> dict[str, Any]:
    """All figures, as plain values. Raises BitocrError for an unknown model, kernel or ONNX file."""
    from bitocr.inspect import speed
    from bitocr.io import shipped

    path, here = shipped.find(model), speed.machine()
    names = check_kernels(names, here["kernels"])
    for file in onnx:
        if not file.is_file():
            raise UsageError(f"{file}: there is no such file")
    if not speed.has_hooks():
        print("to time layers and parts of the network: pip install --editable, in a checkout", file=sys.stderr)
    return {
        "machine": here,
        "model": model,
        "onnx_runtime": speed.onnx_runtime(onnx, seconds=seconds) if onnx else [],
        "layers": speed.layers(names, seconds),
        "backbones": speed.backbones(path, names, here["cores"], seconds),
        "networks": speed.networks(path, names, seconds),
        "throughput": speed.throughput(path, sorted({1, here["cores"]}), seconds),
        "cold_start": speed.cold_start(path),
    }


def _print(report: dict[str, Any]) -> None:
    here = report["machine"]
    print(f"{here['cpu']}, {here['cores']} cores, kernels: {', '.join(here['kernels'])}\n")
    rows: list[tuple[str, ...]]
    rows = [(r["kernel"], _layer(r), f"{r['gmac_per_s']:.0f}") for r in report["layers"]]
    if rows:
        _table("binary 3x3 layers", ["kernel", "layer", "GMAC/s"], rows)
    rows = [(r["kernel"], f"{r['height']} x {r['width']}", str(r["threads"]), f"{r['gmac_per_s']:.0f}")
            for r in report["backbones"]]  # fmt: skip
    if rows:
        _table(f"stem and blocks of {report['model']}", ["kernel", "image", "threads", "GMAC/s"], rows)
    parts = [part for part in ("ms", "stem", "blocks", "neck", "head") if part in report["networks"][0]]
    rows = [(r["kernel"], f"32 x {r['width']}", *(f"{r[p]:.3f}" for p in parts)) for r in report["networks"]]
    rows += [(f"ONNX Runtime {r['file']}", f"32 x {r['width']}", f"{r['ms']:.3f}") for r in report["onnx_runtime"]]
    _table(f"network {report['model']}", ["kernel", "line", *parts], rows)
    rows = [(str(r["threads"]), f"{r['images_per_s']:,.0f}") for r in report["throughput"]]
    _table("from pixels to text, 32 x 100", ["threads", "images/s"], rows, left=1)
    start = report["cold_start"]
    print(f"a new process: import, load and first line {start['ms']:.0f} ms, {start['peak_mb']:.0f} MB at most")


def _layer(row: dict[str, Any]) -> str:
    return f"{row['channels']} channels, {row['height']} x {row['width']}"


def _table(title: str, header: list[str], rows: Sequence[Sequence[str]], left: int = 2) -> None:
    """Prints a table with a title. All columns but the first `left` are numbers."""
    print(styled(title, BOLD))
    print_table(header, rows, right=range(left, len(header)))
    print()
