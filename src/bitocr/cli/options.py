"""Options that several verbs share, each declared once."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitocr.cli.parser import Parser, number, whole
from bitocr.defaults import BEAM, CHECKS, LANGUAGE_MODEL, MAX_PIXELS, MODEL, REREAD_BELOW
from bitocr.errors import UsageError
from bitocr.io.shipped import DETECTOR

if TYPE_CHECKING:
    from bitocr.reader import Reader

_MODEL = "A shipped model's name or the path of a .bit file."


def add_json(parser: Parser) -> None:
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def add_model_argument(parser: Parser, **details: Any) -> None:
    """MODEL as an argument."""
    parser.add_argument("model", metavar="MODEL", help=_MODEL, **details)


def add_model(parser: Parser) -> None:
    parser.add_argument("-m", "--model", default=MODEL, metavar="MODEL", help=_MODEL)


def add_threads(parser: Parser, default: int) -> None:
    text = "How many images to read at once. 0 uses every core."
    parser.add_argument("-t", "--threads", type=whole(0, 1024), default=default, metavar="N", help=text)


def add_limit(parser: Parser, help: str, default: int | None = None) -> None:
    parser.add_argument("-n", "--limit", type=whole(1), default=default, metavar="N", help=help)


def add_protocol(parser: Parser, **details: Any) -> None:
    from bitocr.inspect.metrics import PROTOCOLS

    text = (
        "When a reading counts as correct. scene: ASCII letters and digits agree, ignoring case. line: all characters "
        "agree in NFKC, ignoring case and spaces. exact: all characters agree in NFC, and an image with an empty label "
        "has no text."
    )
    parser.add_argument("--protocol", choices=tuple(PROTOCOLS), help=text, **details)


def add_max_pixels(parser: Parser) -> None:
    parser.add_argument(
        "--max-pixels",
        type=whole(1),
        default=MAX_PIXELS,
        metavar="N",
        help="Refuse images with more pixels than this, before decoding them.",
    )


def add_overrides(parser: Parser, help: str) -> None:
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=help)


def add_reading(parser: Parser, threads: int) -> None:
    """Adds the options of verbs that read images. `open_reader` takes them."""
    add_model(parser)
    add_threads(parser, threads)
    parser.add_argument(
        "--words",
        type=Path,
        metavar="FILE",
        help="A file of words that you expect, one a line, in addition to the language model's.",
    )
    parser.add_argument(
        "--language-model",
        default=LANGUAGE_MODEL,
        metavar="NAME",
        help="english: n-grams and words. chinese: n-grams. The path of a .ngram file: its n-grams. auto: what there "
        "is for the model's language. none: nothing.",
    )
    parser.add_argument(
        "--beam",
        type=whole(0, 256),
        metavar="N",
        help="How many texts the search keeps. 0 takes the best character at each step, without n-grams or words "
        f"(default: {BEAM}).",
    )
    parser.add_argument(
        "--reread",
        type=number(0, 1),
        metavar="CONFIDENCE",
        help="Read images again, in other views, if their confidence is below this. 0 reads each image once "
        f"(default: {REREAD_BELOW}; 0 for a model that is not calibrated).",
    )
    parser.add_argument(
        "--detector",
        default=DETECTOR,
        metavar="FILE",
        help="The path of a .bit file that finds lines (default: the shipped one). none: read pictures of single lines "
        "as they are.",
    )
    add_max_pixels(parser)
    parser.add_argument(
        "--allow",
        metavar="CHARACTERS",
        help="Read only these characters, such as 0-9.,- (write --allow=-... if the first one is a minus).",
    )
    parser.add_argument(
        "--pattern",
        help="Read only texts of this form, such as DD/DD/DDDD. D is a digit, L a letter, X either; "
        "[abc] a-b|c (ab)? a* a+ a{2,3} work as in regular expressions; other characters are themselves.",
    )
    parser.add_argument("--check", choices=CHECKS, help="Read only numbers with correct check digits, or only dates.")


def open_reader(args: Namespace, threads: int | None = None) -> Reader:
    """The reader for the options of `add_reading`; `threads` in the place of --threads."""
    from bitocr.reader import Reader

    return Reader(
        args.model,
        threads=args.threads if threads is None else threads,
        beam=args.beam,
        words=None if args.words is None else read_words(args.words),
        language_model=None if args.language_model == "none" else args.language_model,
        reread=args.reread,
        max_pixels=args.max_pixels,
        allow=args.allow,
        pattern=args.pattern,
        check=args.check,
        detector=args.detector,
        pdf_text=not getattr(args, "force", False),
    )


def read_words(path: Path) -> list[str]:
    """The words of a UTF-8 file, one a line. Raises UsageError."""
    from bitocr.io.files import read_text

    words = [line.strip() for line in read_text(path).split("\n") if line.strip()]
    if not words:
        raise UsageError(f"{path}: no words in it (one a line)")
    return words
