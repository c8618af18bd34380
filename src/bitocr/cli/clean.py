"""`bitocr clean`: clean a picture of a page."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from bitocr.cli.inputs import STDIN
from bitocr.cli.options import add_max_pixels
from bitocr.cli.parser import Parser
from bitocr.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    from bitocr.cleaning import Steps

DETAILS = """\
The steps work alone or together, in the order of the options below. A file of several pages becomes one TIFF file of
cleaned pages."""
_SWITCHES = {
    "normalize": "Make the paper white everywhere, even where the light is uneven.",
    "denoise": "Remove single pixels and specks.",
    "deskew": "Level text that leans by up to 15 degrees.",
    "remove-rules": "Remove long horizontal and vertical lines, except where letters touch them.",
}


def add_arguments(parser: Parser) -> None:
    parser.add_argument("image", metavar="IN", help="An image, or - for standard input.")
    parser.add_argument("out", metavar="OUT", type=Path, help="The file to write: .png, .tif, .jpg, ...")
    for name, text in _SWITCHES.items():
        parser.add_argument(f"--{name}", action="store_true", help=text)
    parser.add_argument(
        "--binarize",
        choices=("sauvola", "otsu"),
        help="Make it black and white: sauvola has a threshold for each pixel's neighbourhood, otsu one for all.",
    )
    add_max_pixels(parser)


def run(args: Namespace) -> None:
    from bitocr.cleaning import SWITCHES, Steps, cleaned
    from bitocr.io.encode import check_suffix, encode
    from bitocr.io.files import write_atomic
    from bitocr.io.images import load_pages

    check_suffix(args.out, "OUT")
    steps = Steps(**{name: getattr(args, name) for name in SWITCHES}, binarize=args.binarize)
    if not steps.is_any:
        raise UsageError("nothing to do: give --normalize, --denoise, --deskew, --remove-rules or --binarize")
    source = sys.stdin.buffer if args.image == STDIN else args.image
    pages = [_picture(cleaned(array, steps)[0], steps) for array in load_pages(source, args.max_pixels)]
    write_atomic(args.out, encode(pages, args.out))


def _picture(array: NDArray[np.uint8], steps: Steps) -> Image.Image:
    from PIL import Image

    picture = Image.fromarray(array)
    return picture.convert("1") if steps.binarize else picture
