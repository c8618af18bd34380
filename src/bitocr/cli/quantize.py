"""`bitocr quantize`: makes a trained network compute with integers."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bitocr.cli.ongoing import ongoing, print_variants
from bitocr.cli.options import add_compression, add_json
from bitocr.cli.output import print_json
from bitocr.cli.parser import Parser, whole

DETAILS = """\
It quantizes after training, or with --train in training. If you stop it with Ctrl-C, the same command goes on.

OUT/weights.safetensors is a checkpoint like any other: export and train take it. OUT/report.md tells what it cost."""


def add_arguments(parser: Parser) -> None:
    add_compression(parser, "quantized", "With --train, images to train with.", fewest=1)
    parser.add_argument(
        "--train", action="store_true", help="Train the quantized network further, with the float one as teacher."
    )
    parser.add_argument(
        "--scheme",
        choices=("static", "dynamic", "engine"),
        help="static: all layers, with ranges found on images. dynamic: LSTM and head only. engine: the stem, LSTM and "
        "head of a binary network as the engine computes them; the only one for such a network (default: engine for a "
        "binary network, otherwise static).",
    )
    for name, of in {"weights": "the convolutions", "edges": "stem and head", "lstm": "the LSTM"}.items():
        parser.add_argument(
            f"--{name}", type=whole(), default=8, metavar="BITS", help=f"Bits of the weights of {of}: 8 or 4."
        )
    add_ranges(parser)
    add_json(parser)


def add_ranges(parser: Parser) -> None:
    """How the ranges of activations are found, and what becomes of them."""
    parser.add_argument(
        "--observer",
        choices=("minmax", "percentile", "entropy"),
        default="percentile",
        help="How ranges of activations are found.",
    )
    parser.add_argument(
        "--ranges",
        choices=("learned", "average"),
        default="learned",
        help="What becomes of the ranges in training: they are learned, or averaged over batches.",
    )
    parser.add_argument(
        "--calibration", type=whole(), default=300, metavar="N", help="Images that ranges are found on."
    )


def run(args: Namespace) -> None:
    from bitocr.lab.jobs.quantize import quantize
    from bitocr.lab.jobs.quantize_options import Options

    given = {name: getattr(args, name) for name in Options.__dataclass_fields__}
    options = Options(**{**given, "images": args.images if args.train else 0})
    with ongoing(args.json):
        report = quantize(options, args.overrides)
    if args.json:
        print_json(report)
        return
    print_variants(report, _sizes)
    weights = Path(args.out) / "weights.safetensors"
    suffix = "bit" if report["quantize"]["scheme"] == "engine" else "onnx"
    print(f"{weights}\nNext: bitocr export {weights} MODEL.{suffix}")


def _sizes(variant: dict[str, Any]) -> list[str]:
    return [f"{variant['bytes']:,} bytes of parameters"]
