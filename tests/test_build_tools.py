"""tools/check-build-tools: if a tool is missing, one line names it and says how to get it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).parents[1] / "tools" / "check-build-tools"
OLD = '#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit\nexit 1\n'
NO_VENV = '#!/bin/sh\ncase "$2" in *venv*) exit 1;; esac\n'
FINE, NO_HEADERS = "#!/bin/sh\n", "#!/bin/sh\nexit 1\n"

CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    "everything": ({"python3": FINE, "cc": FINE}, []),
    "nothing": ({}, ["Python 3.10 or newer (python3), a C compiler", "python3 python3-venv gcc libc6-dev"]),
    "no Python": ({"cc": FINE}, ["missing: Python 3.10 or newer (python3). Install"]),
    "old Python": ({"python3": OLD, "cc": FINE}, ["python3 is Python 3.9.2"]),
    "no venv": ({"python3": NO_VENV, "gcc": FINE}, ["missing: Python's venv module. Install", "install python3-venv"]),
    "no compiler": ({"python3": FINE}, ["missing: a C compiler. Install", "apt-get install gcc libc6-dev"]),
    "clang is a compiler": ({"python3": FINE, "clang": FINE}, []),
    "no headers": ({"python3": FINE, "cc": NO_HEADERS}, ["the C library's headers", "apt-get install libc6-dev"]),
}


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell's script")
@pytest.mark.parametrize("name", CASES)
def test_what_is_missing(name: str, tmp_path: Path) -> None:
    programs, parts = CASES[name]
    for program, script in programs.items():
        (tmp_path / program).write_text(script)
        (tmp_path / program).chmod(0o755)
    shell = shutil.which("sh")
    assert shell is not None
    done = subprocess.run([shell, TOOL, "python3"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == (1 if parts else 0), done.stderr
    assert done.stderr.count("\n") == (1 if parts else 0)
    assert all(part in done.stderr for part in parts), done.stderr
