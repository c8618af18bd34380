"""tools/mutants.py: its table fits the tree, and it says which mutants the tests notice."""

from __future__ import annotations

import importlib
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    return importlib.import_module("mutants")


def test_every_mutant_fits_the_tree(tool: ModuleType) -> None:
    mutants = tool.load_mutants(tool.TABLE)
    assert {mutant.id: problem for mutant in mutants if (problem := tool.problem_of(mutant, ROOT))} == {}
    assert [name for name, count in Counter(mutant.id for mutant in mutants).items() if count > 1] == []


def test_engine_runtime_and_workshop_have_mutants(tool: ModuleType) -> None:
    files = [mutant.file for mutant in tool.load_mutants(tool.TABLE)]
    lab = [file for file in files if file.startswith("src/bitocr/lab/")]
    runtime = [file for file in files if file.startswith("src/bitocr/") and file not in lab]
    engine = [file for file in files if file.startswith("engine/src/")]
    assert len(engine + runtime + lab) == len(files)
    assert min(len(engine), len(runtime), len(lab)) >= 10


SOURCE = "def double(x):\n    return 2 * x\n\n\ndef half(x):\n    return x / 2.0\n"
TESTS = """from bitocr import double, half


def test_double():
    assert double(3) == 6


def test_half():
    assert half(0) == 0
"""
SOUND: dict[str, Any] = {
    "id": "double",
    "file": "src/bitocr/__init__.py",
    "old": "2 * x",
    "new": "3 * x",
    "tests": ["tests/test_tiny.py::test_double"],
}
#: What the table has of a mutant, the verdict, and what is said of it.
MUTANTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "noticed": ({}, "killed", ""),
    "ended by a signal": ({"new": "__import__('os').abort()", "tests": ["tests/test_tiny.py"]}, "killed", ""),
    "not noticed": ({"old": "2.0", "new": "3.0", "tests": ["tests/test_tiny.py::test_half"]}, "survived", "'3.0'"),
    "no file": ({"file": "src/none.c"}, "error", "src/none.c: no such file"),
    "no such text": ({"old": "4 * x"}, "error", "the old text occurs 0 times, not once: '4 * x'"),
    "a text that is there twice": ({"old": "def "}, "error", "the old text occurs 2 times"),
    "no change": ({"new": "2 * x"}, "error", "different texts"),
    "two lines": ({"new": "1\n"}, "error", "of one line"),
    "no test file": ({"tests": ["tests/test_none.py"]}, "error", "no test tests/test_none.py"),
    "no test": ({"tests": ["tests/test_tiny.py::test_dou"]}, "error", "no test tests/test_tiny.py::test_dou"),
    "no Python": ({"new": "2 *"}, "error", "its tests do not run"),
}


@pytest.fixture
def tree(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with a package and its tests, and nothing to compile."""
    if not (shutil.which("git") and shutil.which("cmake")):
        pytest.skip("git and cmake are not installed")
    tree = tmp_path / "tree"
    for name, text in {
        "CMakeLists.txt": "cmake_minimum_required(VERSION 3.18)\nproject(tiny LANGUAGES NONE)\n",
        "src/bitocr/__init__.py": SOURCE,
        "tests/test_tiny.py": TESTS,
    }.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    subprocess.run(["git", "init", "-q", tree], check=True)
    monkeypatch.setattr(tool, "ROOT", tree)
    monkeypatch.setattr(tool, "TABLE", tmp_path / "table.yaml")
    return tree


def write_table(tool: ModuleType, *mutants: Any) -> None:
    tool.TABLE.write_text(yaml.safe_dump(list(mutants)))


def test_what_is_noticed_and_what_is_not(tool: ModuleType, tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_table(tool, *({**SOUND, "id": name, **change} for name, (change, _, _) in MUTANTS.items()))
    assert tool.main([]) == 1
    lines = capfd.readouterr().out.splitlines()[1:]
    for number, (line, (name, (_, verdict, about))) in enumerate(zip(lines, MUTANTS.items(), strict=False), 1):
        assert line.startswith(f"[{number:2}/{len(MUTANTS)}] {verdict:8}  {name} ")
        assert about in line
    assert lines[len(MUTANTS) :] == ["killed: 2 of 11 = 18.2% (at least 95% must be), survived: 1, error: 8"]
    assert (tree / "src/bitocr/__init__.py").read_text() == SOURCE
    write_table(tool, {**SOUND, "id": "noticed"}, {**SOUND, "id": "other"})
    assert tool.main(["--only", "not*d"]) == 0
    assert capfd.readouterr().out.endswith("killed: 1 of 1 = 100.0% (at least 95% must be), survived: 0, error: 0\n")


def test_what_stops_it_is_told_in_a_line(tool: ModuleType, tree: Path, capfd: pytest.CaptureFixture[str]) -> None:
    write_table(tool, SOUND)
    assert tool.main(["--only", "triple"]) == 2
    assert capfd.readouterr().err == "mutants: no mutant has 'triple' in its id or file: see --list\n"
    assert tool.main(["--list"]) == 0
    assert capfd.readouterr().out == "double\tsrc/bitocr/__init__.py\n"
    (tree / "tests/test_tiny.py").write_text(TESTS.replace("6", "7"))
    assert tool.main([]) == 2
    assert "the tests fail without any change: FAILED tests/test_tiny.py::test_double" in capfd.readouterr().err
    write_table(tool, {**SOUND, "file": None, "more": 1})
    assert tool.main([]) == 2
    assert "table.yaml: mutant 1 is no mapping of id, file, old, new, tests" in capfd.readouterr().err
