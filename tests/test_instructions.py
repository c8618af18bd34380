"""The instructions per line: a change that adds 3 % shows here, unlike in timings on a busy machine."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bitocr.native.engine import kernels
from bitocr.native.library import lib
from conftest import Result

Run = Callable[..., Result]

#: Instructions of english.bit by compiler and kernel. Where a change is intended, write down what
#: `bitocr bench --instructions` says.
EXPECTED: dict[str, dict[str, int]] = json.loads((Path(__file__).parent / "data" / "instructions.json").read_text())
MOST = 1.03
KERNEL = next((name for name in kernels() if name == "avx2"), "generic")


def compilers() -> str:
    """The compiler of the library, as it says itself."""
    found = re.findall(rb"GCC: \([^)]*\) [\d.]+|[\w ]*clang version [\d.]+", Path(lib._name).read_bytes())
    return ", ".join(sorted({name.decode() for name in found})) or "an unknown compiler"


@pytest.mark.skipif(not shutil.which("valgrind"), reason="takes valgrind")
def test_instructions_of_a_line(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    result = run("bench", "--instructions", "--kernel", KERNEL, "--json")
    assert (result.code, result.err) == (0, "")
    [row] = result.json
    expected = EXPECTED.get(compilers(), {}).get(KERNEL)
    with capfd.disabled():
        print(f"\n{row['instructions']:,} instructions a line with {KERNEL}, compiled by {compilers()}", end=" ")
    if expected is None:
        pytest.skip(f"tests/data/instructions.json has no figure for {KERNEL} compiled by {compilers()}")
    assert row["instructions"] < expected * MOST


def test_without_valgrind(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    result = run("bench", "--instructions")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert "apt-get install valgrind" in result.err


def test_unknown_kernels(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """valgrind does not support AVX-512, so the engine takes no such kernel under it."""
    fake = tmp_path / "valgrind"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run("bench", "--instructions", "--kernel", kernels()[0])
    assert "valgrind cannot run it" in result.out
    fake.write_text("#!/bin/sh\necho broken >&2\nexit 1\n")
    result = run("bench", "--instructions", "--kernel", kernels()[0])
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert "valgrind cannot count the instructions of a line: broken" in result.err
    assert "leave out 'train'" in run("bench", "train", "--instructions").err
    assert "does not run here" in run("bench", "--instructions", "--kernel", "abacus").err
