"""The command `bitocr-tesseract`, for programs that start Tesseract: `bitocr-tesseract IN OUT -l eng --psm 6 tsv`."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import bitocr
from bitocr.cli.parser import Parser, whole
from bitocr.errors import BitocrError, UsageError

if TYPE_CHECKING:
    from bitocr.integrations.tesseract import Request

_STREAMS = ("stdin", "stdout", "-")
_HARMLESS = {"quiet", "batch", "batch.nochop", "nochop", "bigram", "get.images", "logfile", "inter", "unlv"}
_DETAILS = """\
IN is an image or a PDF file, or stdin. What is read goes to OUT.txt, or to the files that the outputs name, or with OUT
stdout there. Variables (-c) that bitocr has nothing for are left out; tessedit_char_whitelist counts."""


def _parser() -> Parser:
    from bitocr.integrations.tesseract import LANGUAGES, OUTPUTS

    parser = Parser("bitocr-tesseract", f"Read text with bitocr where a program expects Tesseract.\n\n{_DETAILS}")
    parser.add_argument("words", nargs="*", metavar="IN OUT [OUTPUT ...]", help=f"Outputs: {', '.join(OUTPUTS)}.")
    parser.add_argument("-l", dest="language", default="eng", metavar="LANG", help=f"{', '.join(LANGUAGES)}.")
    parser.add_argument(
        "--psm",
        type=whole(0, 13),
        default=3,
        metavar="N",
        help="3, 4, 6 or 11: a page. 7: a line. 8: a word. 10: a character. 13: a line.",
    )
    parser.add_argument("--dpi", type=whole(1), metavar="N", help="Dots per inch of the image.")
    parser.add_argument("-c", dest="variables", action="append", default=[], metavar="NAME=VALUE", help="A variable.")
    for name in ("--oem", "--tessdata-dir", "--user-words", "--user-patterns", "--loglevel"):
        parser.add_argument(name, metavar="X", help="Taken for compatibility, and left out.")
    parser.add_argument("--version", "-v", action="store_true", help="Show the version.")
    parser.add_argument("--list-langs", action="store_true", help="List the languages.")
    return parser


def main() -> None:
    """The entry point."""
    sys.exit(run(sys.argv[1:]))


def run(argv: Sequence[str]) -> int:
    """Runs a command line and gives its exit code: 0, or 1 as Tesseract does where something went wrong."""
    from bitocr.cli.output import clean

    try:
        _run(_parser().parse(list(argv) or ["--help"]))
    except SystemExit:  # --help
        return 0
    except (BitocrError, OSError) as error:
        print(f"bitocr-tesseract: {clean(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _run(args: Namespace) -> None:
    from bitocr.integrations.tesseract import LANGUAGES, VERSION

    if args.version:
        print(f"tesseract {VERSION} (interface of bitocr {bitocr.__version__})")
    elif args.list_langs:
        print(f"List of available languages in bitocr ({len(LANGUAGES)}):", *LANGUAGES, sep="\n")
    elif len(args.words) < 2:
        raise UsageError("say what to read and where to write: bitocr-tesseract IN OUT (see --help)")
    else:
        _read(args)


def _read(args: Namespace) -> None:
    from bitocr.cli.outputs import dpi_of
    from bitocr.integrations.tesseract import OUTPUTS, output, read
    from bitocr.io.files import write_atomic

    source, out, *configs = args.words
    request = _request(args, configs)
    image = sys.stdin.buffer.read() if source in _STREAMS else source
    document = read(image, source, replace(request, dpi=request.dpi or dpi_of(image)))
    for kind in request.outputs:
        data = output(kind, document)
        if out in _STREAMS:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
        else:
            write_atomic(f"{out}.{OUTPUTS[kind][0]}", data)
    sys.stdout.flush()


def parse_request(words: Sequence[str]) -> Request:
    """What options and outputs ask for, without an image. Raises UsageError."""
    try:
        args = _parser().parse(list(words))
    except SystemExit:
        raise UsageError("--help is for the command line") from None
    return _request(args, args.words)


def _request(args: Namespace, configs: Sequence[str]) -> Request:
    from bitocr.integrations.tesseract import Request

    variables = dict(map(_variable, args.variables))
    kinds = outputs_of(configs, variables)
    return Request(args.language, args.psm, args.dpi, tuple(kinds), variables)


def _variable(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not re.fullmatch(r"\w+", name):
        raise UsageError(f"-c {text}: a variable is NAME=VALUE")
    return name, value


def outputs_of(configs: Sequence[str], variables: dict[str, str]) -> list[str]:
    """The outputs that config files and variables name, or plain text; `digits` sets a whitelist."""
    from bitocr.integrations.tesseract import CREATE, OUTPUTS, WHITELIST

    kinds = [
        CREATE[name] for name, value in variables.items() if name in CREATE and value.lower() in ("1", "t", "true")
    ]
    for config in configs:
        if config in OUTPUTS:
            kinds.append(config)
        elif config == "digits":
            variables.setdefault(WHITELIST, "0123456789-.")
        elif config not in _HARMLESS:
            print(f"bitocr-tesseract: there is no config {config!r}; it is left out", file=sys.stderr)
    return list(dict.fromkeys(kinds)) or ["txt"]
