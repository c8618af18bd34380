"""`bitocr synth`: rendered images of text with their labels, on disk."""

from __future__ import annotations

import sys
from argparse import Namespace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bitocr.cli.parser import Parser, whole
from bitocr.io.files import write_atomic
from bitocr.progress import Progress

if TYPE_CHECKING:
    from bitocr.lab.data.synth import Renderer

ON_SHEET = 200
"""Images on a contact sheet."""

DETAILS = """\
OUT holds images/ and labels.tsv (on each line an image's path, a tab and its text), or with --lmdb the keys
num-samples, image-%09d and label-%09d. If you stop it with Ctrl-C, the same command resumes it."""


def add_arguments(parser: Parser) -> None:
    parser.add_argument("out", type=Path, metavar="OUT", help="The folder to make.")
    parser.add_argument("-n", "--count", type=whole(1), required=True, metavar="N", help="How many images to render.")
    add_text_options(parser)
    parser.add_argument(
        "--seed", type=whole(0), default=0, metavar="N", help="The same seed and fonts give the same images."
    )
    parser.add_argument("--lmdb", action="store_true", help="Write an LMDB instead of images and labels.tsv.")
    parser.add_argument(
        "--sheet", type=Path, metavar="FILE", help=f"Also write a PNG with the first {ON_SHEET} images on it."
    )


def add_text_options(parser: Parser) -> None:
    """What is rendered, and with which faces."""
    parser.add_argument(
        "--kind",
        choices=("words", "lines", "screens", "mix", "hard", "foreign"),
        default="mix",
        help="Scene words, lines of documents, text on screens, words and lines, text that is hard to read, or foreign "
        "letters.",
    )
    parser.add_argument("--language", choices=("english", "chinese"), default="english", help="The text's language.")
    parser.add_argument(
        "--charset",
        default="",
        metavar="NAME",
        help="As in a recipe: chinese:2500, or a .txt file (default: all characters of the language).",
    )
    parser.add_argument(
        "--longest", type=whole(0), default=0, metavar="N", help="The most characters in a text; 0: no limit."
    )
    parser.add_argument(
        "--split",
        choices=("all", "training", "validation"),
        default="all",
        help="Which fonts to draw with. validation is the tenth that training leaves out.",
    )


def run(args: Namespace) -> None:
    from bitocr.lab.data.synth.sheet import contact_sheet
    from bitocr.lab.data.writers import encode_png, write_samples

    with Progress() as show:
        show("looking at the fonts (once for each set of them)")
        renderer = open_renderer(args)
        settings = settings_of(args, renderer)
        try:
            write_samples(
                args.out, renderer.render, settings, args.lmdb, lambda done: show("rendering", done, args.count)
            )
        except KeyboardInterrupt:
            show.clear()
            print(f"stopped: the same command resumes from {args.out}.part", file=sys.stderr)
            raise
    if args.sheet is not None:
        pictures = (renderer.render(index)[0] for index in range(min(args.count, ON_SHEET)))
        write_atomic(args.sheet, encode_png(contact_sheet(pictures)))
    print(f"{args.out}: {args.count} images")


def open_renderer(args: Namespace) -> Renderer:
    from bitocr.lab.config.data import Source
    from bitocr.lab.data import synth
    from bitocr.lab.data.charset import open_charset

    text = {name: getattr(args, name) for name in ("language", "split")}
    source = Source(weight=1, synth=args.kind, longest=args.longest or None, **text)
    return synth.open_renderer(source, args.seed, open_charset(args.charset) if args.charset else None)


def settings_of(args: Namespace, renderer: Renderer) -> dict[str, Any]:
    """The settings that the images depend on. A stopped run resumes only with the same ones."""
    names = ("kind", "language", "charset", "longest", "seed", "count", "split")
    faces = renderer.faces
    fonts = {"faces": len(faces), "fonts": sha256(repr(faces).encode()).hexdigest()}
    return {**{name: getattr(args, name) for name in names}, **fonts}
