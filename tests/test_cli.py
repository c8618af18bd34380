"""The command line as a whole: help, version, missing extras, exit codes."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bitocr import __version__, cli
from bitocr.errors import UsageError
from conftest import Result

Run = Callable[..., Result]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[..., Any]], None]:
    """Replaces the verb `models` by a function."""

    def replace(function: Callable[..., Any]) -> None:
        module = types.SimpleNamespace(add_arguments=lambda parser: None, run=lambda args: function())
        monkeypatch.setitem(sys.modules, "bitocr.cli.models", module)

    return replace


def test_version_and_help(run: Run) -> None:
    assert run("--version") == (0, f"bitocr {__version__}\n", "")
    for argv in ([], ["--help"], ["-h"]):
        result = run(*argv)
        assert result.code == 0
        assert all(f" {name} " in result.out and what in result.out for name, what in cli.VERBS.items())


@pytest.mark.parametrize("name", cli.VERBS)
def test_every_verb_has_help(run: Run, name: str) -> None:
    result = run(name, "--help")
    assert (result.code, result.err) == (0, "")
    assert f"bitocr {name}" in result.out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["reed"], "there is no verb 'reed', did you mean 'read'? (see bitocr --help)"),
        (["qqq"], "there is no verb 'qqq' (see bitocr --help)"),
        (["-"], "there is no verb '-'"),
        ([""], "there is no verb ''"),
        (["--fast"], "unrecognized arguments: --fast (see bitocr --help)"),
        (["--fast", "read"], "unrecognized arguments: --fast read"),
    ],
)
def test_unknown_verbs_and_options(run: Run, argv: list[str], message: str) -> None:
    result = run(*argv)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err


@pytest.mark.parametrize("argv", [["{}"], ["--json", "{}"], ["none.png"], ["folder/none"], ["*.none"], ["."]])
def test_a_path_in_the_place_of_a_verb_is_read(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").write_text("no image")
    argv = [word.format("notes") for word in argv]
    result = run(*argv)
    assert result == run("read", *argv)
    assert result.code == 1


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


FAILURES: list[tuple[BaseException, int, str]] = [
    (UsageError("no\nway"), 2, r"bitocr: no\\x0away\n"),
    (KeyboardInterrupt(), 130, ""),
    (ModuleNotFoundError("x", name="torch.nn"), 2, "bitocr: this needs torch, .* install 'bitocr\\[lab\\]'\n"),
    (
        ModuleNotFoundError("x", name="onnxruntime"),
        2,
        "bitocr: this needs onnxruntime, .* install 'bitocr\\[bench\\]'\n",
    ),
    (OSError(28, "No space left on device"), 2, "bitocr: .*No space left on device\n"),
    (PermissionError(13, "Permission denied", "/a"), 2, "bitocr: /a: Permission denied\n"),
]


@pytest.mark.parametrize(("error", "code", "message"), FAILURES, ids=lambda value: type(value).__name__)
def test_failures(run: Run, verb: Callable[..., None], error: BaseException, code: int, message: str) -> None:
    verb(raising(error))
    result = run("models")
    assert (result.code, result.out) == (code, "")
    assert re.fullmatch(message, result.err)


def test_a_mistake_of_ours_is_not_hidden(run: Run, verb: Callable[..., None]) -> None:
    verb(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        run("models")
    verb(raising(ModuleNotFoundError("x", name="bitocr.nothing")))
    with pytest.raises(ModuleNotFoundError):
        run("models")


def test_interrupted_while_a_verb_is_imported(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during a slow import, such as torch."""
    monkeypatch.setattr(cli.importlib, "import_module", lambda name: raising(KeyboardInterrupt())())
    assert run("models") == (130, "", "")


def test_interrupted(model: Path) -> None:
    """Ctrl-C while waiting for standard input."""
    code = (
        # A shell's background jobs, and all that they start, ignore Ctrl-C until told otherwise.
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys, bitocr.cli as cli, bitocr.reader; print('up', flush=True);"
        "sys.argv[1:] = ['read', '--line', '-', '--model', sys.argv[1]]; cli.main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, model], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (130, b"")


def test_installed_command() -> None:
    done = subprocess.run([sys.executable, "-m", "bitocr", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"bitocr {__version__}\n")


def test_our_warnings_are_a_line_and_others_are_pythons() -> None:
    program = (
        "import warnings; from bitocr import cli; from bitocr.errors import BitocrWarning; cli.run(['--version']);"
        "warnings.warn('a\\nb: c', BitocrWarning); warnings.warn('of another')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == ["bitocr: a\\x0ab: c", "<string>:1: UserWarning: of another"]
