"""The programs of docs/deploy.md: compiled as it says, they read what bitocr reads."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bitocr import Reader, shipped
from bitocr.library import lib

ROOT = Path(__file__).parent.parent
LIBRARY = Path(lib._name).resolve()
HEADERS = f"-I{ROOT / 'engine' / 'include'}"
STRICT = ["-O1", "-Wall", "-Wextra", "-Werror", HEADERS]
LINK = [str(LIBRARY), f"-Wl,-rpath,{LIBRARY.parent}"]
TEXT = "AGRICULTURAL BANK OF CHINA"

# The library of MNN's wheel takes Python's symbols from the program that loads it: so main runs inside of Python.
CALL = """
import ctypes, sys
arguments = [text.encode() for text in sys.argv[1:]]
sys.exit(ctypes.CDLL(arguments[0].decode()).main(len(arguments), (ctypes.c_char_p * 4)(*arguments, None)))
"""


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "bank.pgm"
    Image.open(ROOT / "tests" / "data" / "bank.png").convert("L").save(path)
    return path


def run(*command: object) -> tuple[int, str, str]:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_c_program_reads_with_the_engine(picture: Path, tmp_path: Path) -> None:
    program = tmp_path / "read_line"
    compiler = os.environ.get("CC") or "cc"
    subprocess.run([compiler, "-std=c11", *STRICT, ROOT / "examples/read_line.c", *LINK, "-o", program], check=True)
    model = shipped.find("english", ".bit")
    assert Reader(beam=0, reread=0).read_line(picture).text == TEXT
    assert run(program, model, picture) == (0, TEXT + "\n", "")
    (tmp_path / "short.pgm").write_bytes(picture.read_bytes()[:500])
    assert run(program, model, tmp_path / "short.pgm") == (1, "", "read_line: the image ends too early\n")
    assert run(program, picture, picture)[0] == 1
    assert run(program)[2] == "read_line: give a model and an image that can be read\n"


def test_the_program_with_mnn_reads_the_same(picture: Path, tmp_path: Path) -> None:
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
    code, out, _ = run(sys.executable, "-c", CALL, program, model, picture)
    assert (code, out.splitlines()[-1]) == (0, TEXT)
    (tmp_path / "damaged.mnn").write_bytes(model.read_bytes()[:1000])
    code, _, err = run(sys.executable, "-c", CALL, program, tmp_path / "damaged.mnn", picture)
    assert code == 1
    assert "read_line_mnn: MNN cannot load the model" in err


def test_the_page_shows_the_programs_as_they_are() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    for name in ("read_line.c", "read_line_mnn.cpp"):
        assert (ROOT / "examples" / name).read_text().strip() in page, f"docs/deploy.md shows another {name}"
