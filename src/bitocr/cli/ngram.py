"""`bitocr ngram`: builds a character n-gram model for beam search."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from bitocr.cli.parser import Parser, number, whole

DETAILS = """\
The model knows which characters follow which; use it with bitocr read --language-model OUT.ngram.

The same arguments give the same file. docs/decoding.md has the commands that made the shipped files."""

ORDER, ORDER_OF_CHINESE = 6, 3


def add_arguments(parser: Parser) -> None:
    add_files(parser)
    parser.add_argument(
        "--order",
        type=whole(1, 8),
        metavar="N",
        help=f"The longest run of characters (default: {ORDER}, of Chinese {ORDER_OF_CHINESE}).",
    )
    parser.add_argument(
        "--size", type=whole(1000, 1 << 24), default=400_000, metavar="BYTES", help="The approximate size of the file."
    )
    parser.add_argument(
        "--drawn",
        type=whole(1, 1 << 24),
        default=60_000,
        metavar="N",
        help="How many numbers and codes to draw, and how many lines. A large file needs more.",
    )
    parser.add_argument(
        "--weight", type=number(0, 100), default=0.3, metavar="X", help="Its weight beside the network."
    )
    parser.add_argument(
        "--bonus", type=number(-100, 100), default=1.05, metavar="X", help="A bonus for each character."
    )
    parser.add_argument(
        "--case-cost", type=number(0, 100), default=1.5, metavar="X", help="The cost of odd case, as in wORD."
    )


def add_files(parser: Parser) -> None:
    """What is read and written."""
    parser.add_argument("out", type=Path, metavar="OUT.ngram", help="The file to write.")
    parser.add_argument(
        "--language",
        default="en",
        metavar="CODE",
        help="Take the words of a language that has a word list: en, zh, de, fr.",
    )
    parser.add_argument(
        "--words", type=Path, metavar="FILE", help="Take these words instead: on each line a word, a tab and its count."
    )
    parser.add_argument(
        "--lines",
        type=Path,
        metavar="FILE",
        help="Running text, one line after the other, that shows which words follow each other.",
    )
    parser.add_argument(
        "--sources", default="", metavar="TEXT", help="The origin and licence of the lines, for the card."
    )


def run(args: Namespace) -> None:
    from bitocr.io.files import write_atomic
    from bitocr.lab.ngram.build import build_file
    from bitocr.lab.ngram.file import Weights

    longest = args.order or (ORDER_OF_CHINESE if args.language == "zh" else ORDER)
    weights = Weights(args.weight, args.bonus, args.case_cost)
    data = build_file(args.language, args.words, args.lines, longest, args.size, weights, args.sources, args.drawn)
    write_atomic(args.out, data)
    print(f"{args.out}: {len(data):,} bytes")
