"""`bitocr export`: writes a checkpoint as a file that runs."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bitocr.cli.parser import Parser
from bitocr.errors import UsageError
from bitocr.lab.export.file import AUTO, PRECISIONS, export_file

DETAILS = """\
A .bit holds binary networks only; .onnx and .mnn hold any network.

bitocr verify OUT --against CHECKPOINT checks that the file reads what the checkpoint reads."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT",
        help="A weights.safetensors; for .onnx and .mnn, a .bit as well.",
    )
    parser.add_argument(
        "out",
        type=Path,
        metavar="OUT",
        help="MODEL.bit for the engine, MODEL.onnx for ONNX Runtime, MODEL.mnn for MNN.",
    )
    parser.add_argument(
        "--precision",
        choices=PRECISIONS[".mnn"],
        default=AUTO,
        help="For .onnx (float, int8) and .mnn (all). half: weights in 16 bits, of float networks. packed: weights in "
        "2 or 4 bits where that is exact, otherwise in 8. int8: computes in integers, of a quantized checkpoint. "
        "auto: what the checkpoint was made for.",
    )
    parser.add_argument(
        "--card",
        type=Path,
        metavar="FILE",
        help="YAML to add to the card of a .bit model: languages, licence, accuracy, data.",
    )


def run(args: Namespace) -> None:
    if args.card is not None and args.out.suffix != ".bit":
        raise UsageError(f"{args.out}: --card is for a .bit model")
    export_file(args.checkpoint, args.out, args.precision, read_card(args.card))
    print(f"{args.out}  {args.out.stat().st_size:,} bytes")


def read_card(path: Path | None) -> dict[str, Any] | None:
    if path is None:
        return None
    from bitocr.lab.config.yaml12 import read_mapping

    return read_mapping(path, "a card")
