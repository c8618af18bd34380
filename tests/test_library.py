"""Loading the engine's shared library: whatever is wrong with it is told in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import _imaging

OTHER = _imaging.__file__  # a library that loads, but has none of the functions: so is one from before they were there


@pytest.mark.parametrize(
    ("library", "message"),
    [("none.so", "cannot be loaded from none.so"), (OTHER, "is of another version (it has no bitocr_")],
)
def test_a_library_that_does_not_fit(library: str, message: str, model: Path) -> None:
    command = [sys.executable, "-m", "bitocr", "read", "--line", "--model", str(model), "a.png"]
    done = subprocess.run(command, env={**os.environ, "BITOCR_LIBRARY": library}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr
