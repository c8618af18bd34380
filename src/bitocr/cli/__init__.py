"""The command line: one module a verb.

`bitocr VERB` imports the module `bitocr.cli.VERB` alone, and runs its function `command`, whose signature is the verb's
options and whose docstring is its help. So that reading starts at once, a verb's module imports what is slow (torch,
tables of rich, ...) inside its functions. Errors meant for the user are raised as `BitocrError`: `run` prints them in
one line.

Exit codes: 0 done; 1 some images failed; 2 wrong usage or bad input; 130 interrupted; 141 a pipe's reader went away.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import Annotated

import typer

from bitocr import __version__
from bitocr.errors import BitocrError, BitocrWarning

VERBS = (
    "read",
    "eval",
    "inspect",
    "models",
    "bench",
    "synth",
    "ngram",
    "train",
    "prune",
    "quantize",
    "compress",
    "export",
    "verify",
    "report",
    "calibrate",
)

# What an extra's modules are called when they are imported, for telling which extra is missing.
EXTRAS = {
    "lab": {"torch", "lightning", "cv2", "lmdb", "yaml", "safetensors", "matplotlib"},
    "bench": {"onnx", "onnxruntime"},
    "mnn": {"MNN", "_tools"},
}

PYTHONS_FORMAT = warnings.formatwarning

OK, SOME_FAILED, BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141


def _version(show: bool) -> None:
    if show:
        print(f"bitocr {__version__}")
        raise typer.Exit


_Version = Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")]


def _root(version: _Version = False) -> None:
    """OCR in a megabyte: reads text in images with 1-bit neural networks."""


def build(verbs: tuple[str, ...] = VERBS) -> typer.Typer:
    """The application with these verbs, whose modules are imported here."""
    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for verb in verbs:
        app.command(verb)(importlib.import_module(f"bitocr.cli.{verb}").command)
    return app


def told(message: object) -> str:
    """One line for standard error, with no control characters in it (file names may hold any)."""
    from bitocr.cli.output import clean

    return f"bitocr: {clean(str(message))}"


def fail(message: str) -> None:
    print(told(message), file=sys.stderr)


def format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    """Our own warnings without the place in the code that they come from; any other as Python has it."""
    if issubclass(category, BitocrWarning):
        return f"{told(message)}\n"
    return PYTHONS_FORMAT(message, category, filename, lineno, line)


def missing_extra(error: ModuleNotFoundError) -> str | None:
    """The line that tells which extra to install, or None where the module belongs to none."""
    module = (error.name or "").partition(".")[0]
    for extra, modules in EXTRAS.items():
        if module in modules:
            return f"this needs {module}, which is not installed: run {sys.executable} -m pip install 'bitocr[{extra}]'"
    return None


def run(argv: list[str]) -> int:
    """Runs one command line and gives its exit code. Anything that no user can cause is let through as a traceback."""
    warnings.filterwarnings("ignore", module="PIL")  # what matters in an odd image is told as an error
    warnings.formatwarning = format_warning
    argv = argv or ["--help"]
    try:
        verbs = (argv[0],) if argv[0] in VERBS else VERBS
        command = typer.main.get_command(build(verbs))
        code = command.main(argv, prog_name="bitocr", standalone_mode=False)
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
        # Standard output is closed: keep Python from failing once more as it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except OSError as error:  # a full disk, a folder that may not be written to
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return BAD_INPUT
    except Exception as error:
        if not hasattr(error, "format_message"):  # what typer's own usage errors have, whichever module they live in
            raise
        return usage_error(error)
    return code if isinstance(code, int) else OK


def usage_error(error: Exception) -> int:
    """Typer's complaint about the arguments, in one line."""
    message = error.format_message()  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "bitocr"
    fail(f"{' '.join(message.split()).rstrip('.')} (see {path} --help)")
    return BAD_INPUT


def main() -> None:
    """The entry point `bitocr`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # a file name need not be valid text
    sys.exit(run(sys.argv[1:]))
