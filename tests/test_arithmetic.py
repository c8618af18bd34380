"""The engine is compiled so that floats round as written: no fused, wider or reordered operations."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path

import pytest

import kernel_hooks  # noqa: F401  # says what to do where there are no hooks
from bitocr.native.engine import kernels
from bitocr.native.library import lib
from installed import COMPILER, ROOT
from test_engine_layers import ARCHITECTURE

ENGINE = ROOT / "engine"
SOURCE = ENGINE / "hooks" / "arithmetic.c"
FLAGS = ["-std=c11", "-O3", f"-I{ENGINE / 'include'}", f"-I{ENGINE / 'src'}"]
FUSED = {"x86": ["-mavx2", "-mfma"]}.get(ARCHITECTURE or "", [])
can_fuse = pytest.mark.skipif(
    ARCHITECTURE == "x86" and "avx2" not in kernels(), reason="takes a processor with fused operations"
)


def contracts(tmp_path: Path, *flags: str) -> int:
    """The result of the hook when it is compiled with these flags."""
    library = tmp_path / "arithmetic.so"
    subprocess.run([COMPILER, *FLAGS, *FUSED, *flags, "-shared", "-fPIC", SOURCE, "-o", library], check=True)
    return int(ctypes.CDLL(str(library)).bitocr_test_contracts())


@can_fuse
def test_the_engine_fuses_nothing() -> None:
    assert lib.bitocr_test_contracts() == 0


@can_fuse
@pytest.mark.skipif(ARCHITECTURE is None, reason="an architecture that may lack fused operations")
def test_the_check_finds_a_compiler_that_fuses(tmp_path: Path) -> None:
    assert contracts(tmp_path, "-ffp-contract=fast") == 1


@can_fuse
def test_the_check_finds_nothing_with_the_engines_flag(tmp_path: Path) -> None:
    assert contracts(tmp_path, "-ffp-contract=off") == 0


WRONG = [("-ffast-math", "compile without it")]
if ARCHITECTURE == "x86":
    WRONG.append(("-mfpmath=387", "compile with -mfpmath=sse"))


@pytest.mark.parametrize(("flag", "message"), WRONG)
def test_a_compiler_that_computes_otherwise_is_refused(flag: str, message: str) -> None:
    command = [COMPILER, *FLAGS, flag, "-fsyntax-only", str(ENGINE / "src" / "kernels" / "generic.c")]
    done = subprocess.run(command, capture_output=True, text=True)
    if "not supported" in done.stderr or "unknown" in done.stderr:
        pytest.skip(f"{COMPILER} does not know {flag}")
    assert done.returncode != 0
    assert message in done.stderr
