"""Loading the engine's shared library: any fault gives one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import _imaging

import bitocr
from bitocr.native import library

OTHER = _imaging.__file__  # a library that loads, but has none of the functions: so is one from before they were there
COMPILER = os.environ.get("CC") or shutil.which("cc") or "cc"
HEADER = Path(__file__).parents[1] / "engine" / "include" / "bitocr.h"


def refused(path: str, model: Path) -> str:
    """The message of `bitocr read` with this library."""
    command = [sys.executable, "-m", "bitocr", "read", "--line", "--model", str(model), "a.png"]
    done = subprocess.run(command, env={**os.environ, "BITOCR_LIBRARY": path}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("path", "message"),
    [("none.so", "cannot be loaded from none.so"), (OTHER, "is of another version (it has no bitocr_")],
)
def test_a_library_that_does_not_fit(path: str, message: str, model: Path) -> None:
    assert message in refused(path, model)


@pytest.mark.parametrize(
    ("version", "message"),
    [("0.5.0", f"(0.5.0, not {bitocr.__version__})"), (bitocr.__version__, "(bitocr_error has 7 bytes, not 264)")],
)
def test_a_library_of_another_version(version: str, message: str, model: Path, tmp_path: Path) -> None:
    functions = [f"int {name}(void) {{ return 0; }}" for name in library._SIGNATURES]
    functions[:2] = [
        f'const char *bitocr_version(void) {{ return "{version}"; }}',
        "unsigned long bitocr_sizeof(const char *name) { (void)name; return 7; }",
    ]
    source, path = tmp_path / "other.c", tmp_path / "other.so"
    source.write_text("\n".join(functions) + "\n")
    subprocess.run([COMPILER, "-shared", "-fPIC", source, "-o", path], check=True)
    assert f"is of another version {message}: rebuild it, or install bitocr again\n" in refused(str(path), model)


def test_the_version_is_stated_alike_in_c_and_in_python() -> None:
    assert f'#define BITOCR_VERSION "{bitocr.__version__}"\n' in HEADER.read_text()
