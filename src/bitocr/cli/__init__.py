"""The command line: one module per verb.

`bitocr VERB` imports only the module `bitocr.cli.VERB`, and uses its

- `add_arguments(parser)`, which declares its arguments and options, for help and reference too;
- `run(args)`, which does the work and returns the exit code, or None if all went well;
- `DETAILS` (optional): the help below the verb's line in `VERBS`.

So that reading starts at once, a verb's module imports what is slow (torch, ...) inside its functions. Errors meant for
the user are raised as `BitocrError`: `run` here prints them in one line.

Exit codes are in `EXIT_CODES`.
"""

from __future__ import annotations

import errno
import gc
import importlib
import os
import sys
import warnings
from typing import TYPE_CHECKING

from bitocr.errors import BitocrError, BitocrWarning, UsageError

if TYPE_CHECKING:
    from argparse import Namespace

    from bitocr.cli.parser import Parser

VERBS = {
    "read": "Read the text in images.",
    "batch": "Read collections of any size into files of rows, and resume where you stopped.",
    "serve": "Read over HTTP: a service with limits, and a page for the browser.",
    "clean": "Clean a picture of a page: level its lines, whiten the paper, remove noise and rules.",
    "eval": "Measure a model on labelled images: exact matches, character error rate, time.",
    "inspect": "Show a model layer by layer: weights, bits, bytes, operations.",
    "models": "List the shipped models: bytes, languages, measured accuracy.",
    "bench": "Measure the speed of the engine, or of training, on this machine.",
    "synth": "Render labelled images of text.",
    "ngram": "Build a character n-gram model for beam search.",
    "train": "Train a recognizer from a recipe, or fine-tune one on your own images.",
    "prune": "Cut channels or weights out of a trained network, and fine-tune it.",
    "quantize": "Make a trained network compute with integers.",
    "compress": "Distill, prune, quantize and export a network from one recipe, and report on it.",
    "export": "Export a trained network as .bit, .onnx or .mnn.",
    "verify": "Check that an exported file reads what its checkpoint reads.",
    "report": "Compare model files on one page: bytes, accuracy, time, memory.",
    "calibrate": "Turn a model's confidences into probabilities, with labelled images.",
}
"""What each verb does, in one line."""

# The modules of each extra, to tell which extra is missing.
EXTRAS = {
    "lab": {"torch", "lightning", "cv2", "lmdb", "yaml", "safetensors", "matplotlib", "msgspec"},
    "batch": {"fsspec", "pyarrow", "zstandard"},
    "bench": {"onnx", "onnxruntime"},
    "mnn": {"MNN", "_tools"},
    "ray": {"ray"},
    "serve": {"starlette", "uvicorn", "python_multipart", "h11", "anyio"},
}

PYTHONS_FORMAT = warnings.formatwarning

OK, SOME_FAILED, BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141
EXIT_CODES = {
    OK: "Done.",
    SOME_FAILED: "Some images could not be read; or verify found a difference.",
    BAD_INPUT: "Wrong usage, bad input, or output that cannot be written.",
    INTERRUPTED: "Interrupted by Ctrl-C.",
    BROKEN_PIPE: "The reader of a pipe went away, as after `| head`. This is no error, and nothing is printed.",
}
"""The meaning of each exit code, for all verbs."""


def root_parser() -> Parser:
    """The parser of `bitocr` itself, which knows the verbs by name only."""
    from bitocr import __doc__ as about
    from bitocr import __version__
    from bitocr.cli.output import table
    from bitocr.cli.parser import Parser

    verbs = "\n".join(f"  {line}" for line in table(list(VERBS.items())))
    parser = Parser(
        "bitocr",
        (about or "").partition("\n")[0],
        usage="bitocr [-h] [--version] VERB ... | PATH ...",
        epilog=f"verbs:\n\n{verbs}\n\nbitocr VERB --help explains each verb. Without a verb, bitocr PATH ... reads.",
    )
    parser.add_argument("--version", action="version", version=f"bitocr {__version__}", help="Show the version.")
    return parser


def parser_for(verb: str) -> Parser:
    """The parser of a verb, whose module is imported here."""
    from bitocr.cli.parser import Parser

    module = importlib.import_module(f"bitocr.cli.{verb}")
    parser = Parser(f"bitocr {verb}", f"{VERBS[verb]}\n\n{getattr(module, 'DETAILS', '')}".strip())
    module.add_arguments(parser)
    parser.set_defaults(run=module.run)
    return parser


def parse(argv: list[str]) -> Namespace:
    """Parses a command line. `run` is the verb's function. Raises UsageError, and SystemExit after --help."""
    if argv[0] in VERBS:
        return parser_for(argv[0]).parse(argv[1:])
    if names_images(argv):
        return parser_for("read").parse(argv)
    if not argv[0].strip("-") or not argv[0].startswith("-"):
        raise UsageError(unknown_verb(argv[0]))
    return root_parser().parse_args(argv)


def names_images(argv: list[str]) -> bool:
    """Whether a command line without a verb names images to read: what exists, or looks like a path or a pattern."""
    if argv[0] in ("-h", "--help", "--version"):
        return False
    words = argv if argv[0].startswith("-") else argv[:1]
    return any(
        os.path.exists(word) or os.path.splitext(word)[1] or glob_signs(word) for word in words if word[:1] != "-"
    )


def glob_signs(word: str) -> bool:
    return any(character in word for character in "*?[/")


def unknown_verb(word: str) -> str:
    from difflib import get_close_matches

    meant = "".join(f", did you mean '{verb}'?" for verb in get_close_matches(word, VERBS, 1))
    return f"there is no verb '{word}'{meant} (see bitocr --help)"


def told(message: object) -> str:
    """One line for standard error, with no control characters in it (file names may hold any)."""
    from bitocr.cli.output import clean

    return f"bitocr: {clean(str(message))}"


def fail(message: str) -> None:
    print(told(message), file=sys.stderr)


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Formats our own warnings without their place in the code, and others as Python does."""
    if issubclass(category, BitocrWarning):
        return f"{told(message)}\n"
    return PYTHONS_FORMAT(message, category, filename, lineno, line)


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """The line that tells which extra to install, or None if the module belongs to none."""
    module = (error.name or "").partition(".")[0]
    for extra, modules in EXTRAS.items():
        if module in modules:
            return f"this needs {module}, which is not installed: run {sys.executable} -m pip install 'bitocr[{extra}]'"
    return None


def perform(argv: list[str]) -> int:
    """Parses a command line, runs its verb and gives the exit code."""
    try:
        args = parse(argv)
    except SystemExit:  # --help or --version, which is printed now
        return OK
    if not gc.isenabled():  # it is off since `main`; imported modules are not garbage
        gc.freeze()
        gc.enable()
    code = args.run(args)
    return OK if code is None else int(code)


def run(argv: list[str]) -> int:
    """Runs one command line and returns its exit code. Only bugs give a traceback."""
    warnings.filterwarnings("ignore", module="PIL")  # what matters about an odd image becomes an error
    warnings.formatwarning = format_warning
    try:
        return told_of_errors(argv)
    except BrokenPipeError:
        discard_output()
        return BROKEN_PIPE


def told_of_errors(argv: list[str]) -> int:
    try:
        code = perform(argv or ["--help"])
        sys.stdout.flush()
    except BitocrError as error:
        fail(str(error))
        return BAD_INPUT
    except ModuleNotFoundError as error:
        line = missing_extra(error)
        if line is None:
            raise
        fail(line)
        return BAD_INPUT
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:  # a full disk, a folder that may not be written to
        if error.errno == errno.EBADF:
            fail("standard output is closed")
        else:
            fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        discard_output()
        return BAD_INPUT
    return code


def discard_output() -> None:
    """Discards output that could not be written. Otherwise Python would fail at it again when it exits."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def open_closed_streams() -> None:
    """Opens the null device for standard streams that are closed, and None in Python.

    Otherwise a file that is opened later would get their descriptor and be overwritten.
    """
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = os.O_WRONLY if name == "stderr" else os.O_RDONLY  # a write to standard output is an error
            os.dup2(os.open(os.devnull, mode), descriptor)
            setattr(sys, name, os.fdopen(descriptor, "r" if name == "stdin" else "w", closefd=False))


def main() -> None:
    """The entry point `bitocr`."""
    open_closed_streams()
    gc.disable()  # imports leave no garbage, and looking for it takes 20 ms
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # file names may be invalid text
    sys.exit(run(sys.argv[1:]))
