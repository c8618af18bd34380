"""The engine from C: the programs of engine/tests."""

from __future__ import annotations

import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import random_model
from bitocr.io import bitfile, shipped
from bitocr.native.engine import kernels
from bitocr.native.library import lib
from installed import run

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import golden
from ports import readings

ENGINE = Path(__file__).parent.parent / "engine"
COMPILER = os.environ.get("CC") or shutil.which("cc") or "cc"


@pytest.mark.skipif(
    not (ctypes.util.find_library("c") or "").startswith("libc.so"), reason="counts glibc's allocations"
)
@pytest.mark.parametrize(
    "calibration", [{}, {"calibration": {"slope": 1.5, "offset": -0.5}}], ids=["plain", "calibrated"]
)
def test_smoke(tmp_path: Path, calibration: dict[str, Any]) -> None:
    model, program = tmp_path / "random.bit", tmp_path / "smoke"
    header = {**random_model.header("abcdefgh", hidden=16), **calibration}
    model.write_bytes(bitfile.dump(header, random_model.tensors(header)))
    library = Path(lib._name).resolve()
    flags = ["-std=c11", "-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ENGINE / 'include'}"]
    link = [str(library), f"-Wl,-rpath,{library.parent}", "-Wl,--export-dynamic"]
    subprocess.run([COMPILER, *flags, str(ENGINE / "tests" / "smoke.c"), *link, "-o", str(program)], check=True)
    done = subprocess.run(
        [program, model, shipped.find("english", ".ngram")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_kernels(engine_tests: Path) -> None:
    """Compares every kernel that runs here with the generic one, and that with fixed sums."""
    code, out, err = run(engine_tests / "kernels")
    assert (code, err) == (0, "")
    assert re.fullmatch(rf"{', '.join(kernels())}: \d+ cases are equal\n", out)


def test_readings(engine_tests: Path, tmp_path: Path) -> None:
    """The sums that other platforms are compared with (make ports) equal the golden values."""
    pixels = tmp_path / "images.raw"
    pixels.write_bytes(readings.packed_images())
    expected = json.loads(golden.GOLDEN.read_text())
    for model in readings.READINGS:
        command = [engine_tests / "sums", pixels, *readings.arguments(model)]
        sums = [run(*command, kernel) for kernel in (kernels()[0], kernels()[-1])]
        assert sums[0] == sums[1]
        assert f"texts {expected[f'{model} default']['texts']}\n" in sums[0][1]


@pytest.mark.skipif(sys.platform == "darwin", reason="takes a linker that wraps functions")
def test_limits(engine_tests: Path) -> None:
    """Running out of memory, and sizes that overflow."""
    files = shipped.find("english-tiny"), shipped.find("english", ".ngram")
    assert run(engine_tests / "limits", *files) == (0, "", "")
