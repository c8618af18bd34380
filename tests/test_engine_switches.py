"""Builds of the engine without threads and files, as for WebAssembly: they read, and call few system functions."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bitocr import Reader
from bitocr.io import shipped
from installed import COMPILER, ROOT, run, tool
from test_engine_layers import ARCHITECTURE, ENGINE, SOURCES, X86_SETS, compiled_here

IMAGE = ROOT / "tests" / "data" / "bank.png"
THREADS = r"pthread_\w+"
FILES = r"open|close|mmap|munmap|f?stat|scandir|clock_gettime|strerror"
ENVIRONMENT = r"getenv"
LOOKING_FOR_FILES = r"bitocr_find_(shipped|ends|exists)|bitocr_platform_(kind|names)|choose_\w+|keep_path"

READ = """
import sys
from bitocr import BitocrError
from bitocr.io.images import load
from bitocr.native.engine import Engine
path, image = sys.argv[1:]
with open(path, "rb") as file:
    model = Engine(file.read(), threads=3)
print(model.threads, model.recognize([load(image)] * 2, beam=1)[1]["text"])
try:
    Engine(path)
except BitocrError as error:
    print(error)
"""


def build(library: Path, threads: int, files: int) -> Path:
    """The engine as a shared library built with these switches."""
    flags = ["-std=c11", "-O0", "-ffp-contract=off", "-fPIC", "-shared", "-D_POSIX_C_SOURCE=200809L"]
    flags += [f"-DBITOCR_THREADS={threads}", f"-DBITOCR_FILES={files}", f"-I{ENGINE / 'include'}", f"-I{SOURCES}"]
    if ARCHITECTURE == "x86":
        flags += [f"-m{name}" for name in f"{X86_SETS} fma".split()]
    subprocess.run([COMPILER, *flags, *compiled_here(), "-lm", "-o", library], check=True)
    return library


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("bare") / "bare.so", threads=0, files=0)


def symbols(library: Path, which: str) -> list[str]:
    code, out, err = run(tool("nm"), which, library)
    assert code == 0, err
    return [line.split()[-1].partition("@")[0].lstrip("_") for line in out.splitlines()]


def taken(library: Path) -> list[str]:
    """The functions that the library imports."""
    return symbols(library, "--undefined-only")


@pytest.mark.parametrize(
    ("threads", "files", "without"), [(0, 1, [THREADS, ENVIRONMENT]), (1, 0, [FILES, ENVIRONMENT])]
)
def test_one_switch(threads: int, files: int, without: list[str], tmp_path: Path) -> None:
    names = taken(build(tmp_path / "engine.so", threads, files))
    assert "malloc" in names
    assert [name for name in names if re.fullmatch("|".join(without), name)] == []
    assert any(re.fullmatch(FILES if files else THREADS, name) for name in names)


def test_neither_threads_nor_files(bare: Path) -> None:
    names = taken(bare)
    assert "malloc" in names
    assert [name for name in names if re.fullmatch(f"{THREADS}|{FILES}|{ENVIRONMENT}", name)] == []
    assert [name for name in symbols(bare, "--defined-only") if re.fullmatch(LOOKING_FOR_FILES, name)] == []


def test_it_reads_from_memory(bare: Path) -> None:
    model = shipped.find("english-tiny")
    code, out, err = run(sys.executable, "-c", READ, model, IMAGE, BITOCR_LIBRARY=str(bare), BITOCR_KERNEL="none")
    text = Reader("english-tiny", language_model=None, reread=0).read_line(IMAGE).text
    assert (code, err) == (0, "")
    assert out.splitlines() == [f"1 {text}", f"{model}: this build of bitocr opens no files: load it from memory"]
