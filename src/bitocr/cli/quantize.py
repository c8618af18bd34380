"""`bitocr quantize`: makes a trained network compute with integers."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from bitocr.cli.compression import Option, Options, add_step, run_step
from bitocr.cli.parser import Parser

DETAILS = """\
It quantizes after training, or with --train during training. If you stop it with Ctrl-C, the same command resumes it.

OUT/weights.safetensors is a checkpoint like any other: export and train take it. OUT/report.md shows what it
cost."""

OPTIONS: Options = {
    "images": Option("N", "Images to train the quantized network with; 0: none."),
    "scheme": Option(
        None,
        "static: all layers, with ranges found on images. dynamic: LSTM and head only. engine: the stem, LSTM and head "
        "of a binary network as the engine computes them; the only one for such a network (default: engine for a "
        "binary network, otherwise static).",
    ),
    "weights": Option("BITS", "Bits of the weights of the convolutions: 8 or 4."),
    "edges": Option("BITS", "Bits of the weights of stem and head: 8 or 4."),
    "lstm": Option("BITS", "Bits of the weights of the LSTM: 8 or 4."),
    "activations": Option("BITS", "Bits of the activations: 8 or 4."),
    "observer": Option(None, "How ranges of activations are found."),
    "ranges": Option(None, "How training finds the ranges: they are learned, or averaged over batches."),
    "calibration": Option("N", "Images that ranges are found on."),
}


def add_arguments(parser: Parser) -> None:
    from bitocr.lab.config.compression import TRAINING_IMAGES, Quantization

    add_step(parser, Quantization, OPTIONS)
    text = f"Train the quantized network further, with the float one as teacher: --images {TRAINING_IMAGES}."
    parser.add_argument("--train", action="store_true", help=text)


def run(args: Namespace) -> None:
    from bitocr.lab.config.compression import TRAINING_IMAGES, Quantization

    options = Quantization(**{name: getattr(args, name) for name in OPTIONS})
    if args.train and not options.images:
        options = options.replace(images=TRAINING_IMAGES)
    run_step(args, options, _sizes)


def _sizes(variant: dict[str, Any]) -> list[str]:
    return [f"{variant['bytes']:,} bytes of parameters"]
