"""The C and C++ programs in the docs: the one with MNN runs here, the other in test_install.py."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bitocr.io import shipped
from bitocr.native.library import lib

ROOT = Path(__file__).parent.parent
LIBRARY = Path(lib._name).resolve()
HEADERS = f"-I{ROOT / 'engine' / 'include'}"
STRICT = ["-O1", "-Wall", "-Wextra", "-Werror", HEADERS]
LINK = [str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
PICTURE = ROOT / "tests" / "data" / "bank.png"
TEXT = "AGRICULTURAL BANK OF CHINA"

# The library of MNN's wheel takes Python's symbols from the program that loads it: so main runs inside of Python.
CALL = """
import ctypes, sys
arguments = [text.encode() for text in sys.argv[1:]]
sys.exit(ctypes.CDLL(arguments[0].decode()).main(len(arguments), (ctypes.c_char_p * 4)(*arguments, None)))
"""


def run(*command: object) -> tuple[int, str, str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_program_with_mnn_reads_the_same(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    found = importlib.util.find_spec("_mnncengine")
    compiler = os.environ.get("CXX") or shutil.which("c++")
    if found is None or found.origin is None or compiler is None or sys.platform != "linux":
        pytest.skip("takes MNN's wheel for Linux and a C++ compiler")
    from bitocr.lab.export.mnn import export_mnn

    model, program = tmp_path / "english.mnn", tmp_path / "read_line_mnn.so"
    export_mnn(shipped.find("english", ".bit"), model)
    # The wheel is built with the strings of before C++11, and as a library, which is what a program has to be here.
    flags = ["-std=c++11", *STRICT, f"-I{ROOT / 'tests' / 'mnn_declarations'}", "-D_GLIBCXX_USE_CXX11_ABI=0"]
    source = ROOT / "examples/read_line_mnn.cpp"
    subprocess.run([compiler, *flags, "-fPIC", "-shared", source, found.origin, *LINK, "-o", program], check=True)
    call = sys.executable, "-c", CALL, program
    code, out, _ = run(*call, model, PICTURE)
    assert (code, out.splitlines()[-1]) == (0, TEXT)
    (tmp_path / "damaged.mnn").write_bytes(model.read_bytes()[:1000])
    code, _, err = run(*call, tmp_path / "damaged.mnn", PICTURE)
    assert code != 0
    assert "MNN cannot load the model" in err
    assert "give a model and an image that can be read" in run(*call, model, model)[2]


@pytest.mark.parametrize("name", ["read_line.c", "read_line_mnn.cpp"])
def test_the_programs_are_of_30_lines(name: str) -> None:
    code = re.sub(r"^(/\*.*?\*/|(//.*?\n)+)", "", (ROOT / "examples" / name).read_text(), flags=re.DOTALL)
    assert sum(bool(line.strip()) for line in code.splitlines()) <= 30


@pytest.mark.parametrize(("page", "name"), [("c.md", "read_line.c"), ("deploy.md", "read_line_mnn.cpp")])
def test_the_page_shows_the_program_as_it_is(page: str, name: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    assert (ROOT / "examples" / name).read_text().strip() in text, f"docs/{page} shows another {name}"
