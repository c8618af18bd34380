"""Types of the package: a user's script passes mypy --strict, and mypy finds its mistakes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import bitocr

pytest.importorskip("mypy")

SCRIPT = """\
from pathlib import Path

from bitocr import BitocrError, Char, ImageError, Line, Reader

reader = Reader("english", threads=2, beam=0)
line: Line = reader.read_line(Path("sign.jpg"))
print(line.text.upper(), f"{line.confidence:.2f}")
chars: list[Char] = [char for each in reader.read_lines([b"", "a.png"], errors="return") for char in each.chars]
errors: list[BitocrError | None] = [line.error]
try:
    reader.read_line("none.png")
except ImageError as error:
    print(error)
"""
MISTAKES = """\
from bitocr import Nothing, Reader
text: int = Reader().read_line("a.png").text
Reader(thread=2)
"""
EXPECTED = ["bad.py[attr-defined]", "bad.py[assignment]", "bad.py[call-arg]"]


def test_a_script_of_a_user(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    assert pytestconfig.cache is not None
    (tmp_path / "good.py").write_text(SCRIPT)
    (tmp_path / "bad.py").write_text(MISTAKES)
    done = subprocess.run(
        # The package is found as an installed one is, so that it counts only because of its py.typed.
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "good.py", "bad.py"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(bitocr.__file__).parents[1]),
            "MYPY_CACHE_DIR": str(pytestconfig.cache.mkdir("mypy")),
        },
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    found = [line for line in done.stdout.splitlines() if ": error: " in line]
    assert [line.partition(":")[0] + line.rpartition(" ")[2] for line in found] == EXPECTED, done.stdout
