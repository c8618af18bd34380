"""`bitocr prune`: makes a trained network small."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from bitocr.cli.ongoing import ongoing, print_variants
from bitocr.cli.options import add_compression, add_json
from bitocr.cli.output import print_json
from bitocr.cli.parser import Parser, number, whole

DETAILS = """\
The unpruned network is the teacher while the pruned one is fine-tuned. If you stop it with Ctrl-C, the same command
goes on.

OUT/weights.safetensors is a checkpoint like any other: eval, export and prune take it. OUT/report.md tells what it
cost."""


def add_arguments(parser: Parser) -> None:
    add_compression(parser, "pruned", "Images to fine-tune with in each round; 0: none.", fewest=0)
    parser.add_argument(
        "--keep",
        type=number(),
        default=0.5,
        metavar="SHARE",
        help="Cut channels until this share of the multiply-adds is left.",
    )
    parser.add_argument(
        "--sparsity", type=number(), metavar="SHARE", help="Instead, make this share of the weights 0, such as 0.9."
    )
    parser.add_argument(
        "--rounds",
        type=whole(),
        metavar="N",
        help="Rounds of cutting and fine-tuning (default: 1, with --sparsity 3).",
    )
    add_choice_of_channels(parser)
    add_json(parser)


def add_choice_of_channels(parser: Parser) -> None:
    """Which channels and weights go."""
    parser.add_argument(
        "--by",
        choices=("sensitivity", "even"),
        default="sensitivity",
        help="How much of each layer goes: by what cutting it alone costs, or the same share of all.",
    )
    parser.add_argument(
        "--norm", choices=("l1", "l2"), default="l1", help="Which channels go: those whose filters have the least norm."
    )
    parser.add_argument(
        "--scope",
        choices=("global", "layer"),
        default="global",
        help="With --sparsity: the smallest weights of all, or of each layer.",
    )
    parser.add_argument(
        "--sample", type=whole(), default=300, metavar="N", help="Images that sensitivity is measured on."
    )
    parser.add_argument(
        "--multiple",
        type=whole(),
        metavar="N",
        help="Keep channels in multiples of N (default: 8, in a binary network 32).",
    )


def run(args: Namespace) -> None:
    from bitocr.lab.jobs.prune import prune
    from bitocr.lab.jobs.prune_options import Options

    options = Options(**{name: getattr(args, name) for name in Options.__dataclass_fields__})
    with ongoing(args.json):
        report = prune(options, args.overrides)
    if args.json:
        print_json(report)
        return
    print_variants(report, _sizes)
    weights = Path(args.out) / "weights.safetensors"
    print(f"{weights}\nNext: bitocr export {weights} MODEL.onnx")


def _sizes(variant: dict[str, Any]) -> list[str]:
    zeros = f", {100 * variant['zeros'] / variant['weights']:.1f} % of them 0" if variant["zeros"] else ""
    return [f"{variant['macs'] / 1e6:.1f} M multiply-adds", f"{variant['weights']:,} weights{zeros}"]
