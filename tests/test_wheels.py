"""Wheels: what their checks refuse; the slow suite builds and tries those for Linux, ARM and Windows."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from installed import COMPILER, ROOT, tool
from test_engine_layers import ARCHITECTURE

TOOLS = ROOT / "tools" / "wheels"
NAME = "bitocr-1-py3-none-win_amd64.whl"
LIBRARY = "bitocr/native/_libbitocr.dll"
KERNELS = b"\0avx512\0avx512bw\0avx2\0generic\0"


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TOOLS))
    return importlib.import_module("check")


def packed(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("name", "files", "problem"),
    [
        ("bitocr-1-py3-none-linux_x86_64.whl", {}, "is not for win_amd64"),
        (NAME, {"bitocr/native/_libbitocr.so": KERNELS}, r"holds the libraries \['bitocr/native/_libbitocr.so'\]"),
        (NAME, {LIBRARY: KERNELS, "other.dll": b""}, "holds the libraries"),
        (NAME, {LIBRARY: KERNELS.replace(b"avx512bw", b"avx")}, "no kernel avx512bw$"),
        (NAME, {LIBRARY: KERNELS, "bitocr/__pycache__/a.pyc": b""}, "it holds bitocr/__pycache__/a.pyc"),
        (NAME, {LIBRARY: KERNELS, "bitocr/.schemathesis/a.json": b""}, "it holds bitocr/.schemathesis"),
        (NAME, {LIBRARY: KERNELS, "weights/a.bin": bytes(2_000_000)}, r"large files: weights/a.bin \(2,000,000 bytes"),
        (NAME, {LIBRARY: KERNELS, **{f"{i}.bit": bytes(1_500_000) for i in range(4)}}, "more than 6,000,000$"),
        (NAME, {LIBRARY: KERNELS, **{f"{i}.ngram": bytes(1_500_001) for i in range(2)}}, "more than 3,000,000$"),
    ],
)
def test_what_a_wheel_must_not_be(
    name: str, files: dict[str, bytes], problem: str, check: ModuleType, tmp_path: Path
) -> None:
    with pytest.raises(check.WheelError, match=problem):
        check.check_wheel(check.TARGETS["windows"], packed(tmp_path / name, files))


@pytest.mark.skipif(ARCHITECTURE != "x86", reason="compiles for x86")
def test_no_operations_are_fused(check: ModuleType, tmp_path: Path) -> None:
    tool("objdump")
    source, library = tmp_path / "sum.c", tmp_path / "sum.so"
    names = 'const char names[] = "\\0avx512\\0avx512bw\\0avx2\\0generic";'
    source.write_text(f"{names}\nfloat sum(float a, float b, float c) {{ return a * b + c; }}")
    for contraction, is_fine in ("off", True), ("fast", False):
        flags = ["-O2", "-mfma", f"-ffp-contract={contraction}", "-shared", "-fPIC"]
        subprocess.run([COMPILER, *flags, source, "-o", library], check=True)
        if is_fine:
            check.check_library(check.TARGETS["x86_64"], library.read_bytes())
        else:
            with pytest.raises(check.WheelError, match="rounds once for two operations: vfmadd"):
                check.check_library(check.TARGETS["x86_64"], library.read_bytes())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder of the built files, and the tool's summary of each."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run([sys.executable, TOOLS / "make.py", "--out", out], capture_output=True, text=True)
    lines = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return out, lines


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "tag", "said"),
    [
        ("x86_64", "manylinux2014_x86_64.manylinux_2_17_x86_64", r"glibc 2\.\d+; a fresh environment reads the same"),
        ("aarch64", "manylinux2014_aarch64.manylinux_2_17_aarch64", r"glibc 2\.17; .* the same with neon_dot and neon"),
        ("windows", "win_amd64", "Wine find its models, read a line and a page, and fail with the same words"),
    ],
)
def test_wheel(target: str, tag: str, said: str, made: tuple[Path, dict[str, str]]) -> None:
    out, lines = made
    assert [path.name.partition("-py3-none-")[2] for path in out.glob(f"*{target[:3]}*.whl")] == [f"{tag}.whl"]
    assert re.search(said, lines[target])


@pytest.mark.slow
def test_source_distribution(made: tuple[Path, dict[str, str]]) -> None:
    out, lines = made
    assert len(list(out.glob("*.tar.gz"))) == 1
    assert "a fresh environment reads the same" in lines["sdist"]
