"""`bitocr prune`: makes a trained network small."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from bitocr.cli.compression import Option, Options, add_step, run_step
from bitocr.cli.parser import Parser

DETAILS = """\
The unpruned network is the teacher while the pruned one is fine-tuned. If you stop it with Ctrl-C, the same command
resumes it.

OUT/weights.safetensors is a checkpoint like any other: export, quantize and prune take it. OUT/report.md shows what it
cost."""

OPTIONS: Options = {
    "images": Option("N", "Images to fine-tune with in each round; 0: none."),
    "keep": Option("SHARE", "Cut channels until this share of the multiply-adds is left."),
    "sparsity": Option("SHARE", "Instead, make this share of the weights 0, such as 0.9."),
    "rounds": Option("N", "Rounds of cutting and fine-tuning (default: 1, with --sparsity 3)."),
    "by": Option(None, "How to share the cut among layers: by what cutting each one alone costs, or evenly."),
    "norm": Option(None, "Which channels go: those whose filters have the least norm."),
    "scope": Option(None, "With --sparsity: the smallest weights of all, or of each layer."),
    "sample": Option("N", "Images that sensitivity is measured on."),
    "multiple": Option("N", "Keep channels in multiples of N (default: 8, in a binary network 32)."),
}


def add_arguments(parser: Parser) -> None:
    from bitocr.lab.config.compression import Prune

    add_step(parser, Prune, OPTIONS)


def run(args: Namespace) -> None:
    from bitocr.lab.config.compression import Prune

    run_step(args, Prune(**{name: getattr(args, name) for name in OPTIONS}), _sizes)


def _sizes(variant: dict[str, Any]) -> list[str]:
    zeros = f", {100 * variant['zeros'] / variant['weights']:.1f} % of them 0" if variant["zeros"] else ""
    return [f"{variant['macs'] / 1e6:.1f} M multiply-adds", f"{variant['weights']:,} weights{zeros}"]
