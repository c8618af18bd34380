"""`bitocr read`: what is printed, where, and with which exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr import Reader
from bitocr.cli import read
from conftest import Result, picture

Run = Callable[..., Result]


@pytest.fixture
def line(run: Run, model: Path) -> Run:
    """`bitocr read --line ARGUMENTS` with the random model."""
    return lambda *argv, **options: run("read", "--line", "--model", model, *argv, **options)


def test_one_image_prints_its_text_alone(line: Run, images: Path, model: Path) -> None:
    text = Reader(model).read_line(images / "a.png").text
    assert line(images / "a.png") == (0, f"{text}\n", "")


def test_several_print_path_text_and_confidence(line: Run, images: Path, model: Path) -> None:
    paths = [images / "b.jpg", images / "a.png"]
    readings = [Reader(model).read_line(path) for path in paths]
    expected = [f"{path}\t{r.text}\t{r.confidence:.3f}" for path, r in zip(paths, readings, strict=True)]
    assert line(*paths) == (0, "\n".join(expected) + "\n", "")


def test_json_tells_every_character(line: Run, images: Path, model: Path) -> None:
    found = line(images / "a.png", "--json").json
    reading = Reader(model).read_line(images / "a.png")
    assert (found["path"], found["text"]) == (str(images / "a.png"), reading.text)
    assert found["confidence"] == pytest.approx(reading.confidence, abs=1e-4)
    assert "".join(c["char"] for c in found["chars"]) == reading.text
    for c, char in zip(found["chars"], reading.chars, strict=True):
        assert (c["score"], c["x"]) == (pytest.approx(char.score, abs=1e-4), pytest.approx(char.x, abs=0.06))


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["."], ["a.png", "b.jpg", "sub/c.bmp"]),
        (["*.png"], ["a.png"]),
        (["[ab].*"], ["a.png", "b.jpg"]),
        (["**/*.bmp"], ["sub/c.bmp"]),
        (["sub", "a.png"], ["sub/c.bmp", "a.png"]),
        (["a.png", "a.png"], ["a.png", "a.png"]),
        ([".hidden.png", "b.jpg"], [".hidden.png", "b.jpg"]),
    ],
)
def test_folders_and_patterns(
    line: Run, images: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], names: list[str]
) -> None:
    monkeypatch.chdir(images)
    result = line(*arguments, "--json")
    assert [os.path.normpath(found["path"]) for found in result.jsons] == names
    assert (result.code, result.err) == (0, "")


def test_a_file_called_like_a_pattern(line: Run, images: Path) -> None:
    path = images / "[x]*.png"
    (images / "a.png").rename(path)
    assert line(path, "--json").json["path"] == str(path)


def test_standard_input(line: Run, images: Path) -> None:
    data = (images / "a.png").read_bytes()
    assert line("-", stdin=data) == line(images / "a.png")
    assert line("-", "--json", stdin=data).json["path"] == "-"
    result = line("-", stdin=b"")
    assert (result.code, result.out, result.err) == (1, "", "bitocr: standard input: empty\n")


def test_a_bad_image_does_not_stop_the_others(line: Run, images: Path) -> None:
    (images / "b.jpg").write_bytes((images / "b.jpg").read_bytes()[:200])
    (images / "aa.png").write_text("text")
    result = line(images, images / "none.png", "--json")
    assert result.code == 1
    assert [("error" in found, Path(found["path"]).name) for found in result.jsons] == [
        (False, "a.png"), (True, "aa.png"), (True, "b.jpg"), (False, "c.bmp"), (True, "none.png"),
    ]  # fmt: skip
    errors = result.err.splitlines()
    assert [error.startswith("bitocr: ") for error in errors] == [True] * 3
    assert "aa.png: not an image" in errors[0]
    assert "b.jpg: damaged or cut short" in errors[1]
    assert errors[2].endswith("none.png: No such file or directory")
    plain = line(images)
    assert plain.code == 1
    assert len(plain.out.splitlines()) == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.png"], "none.png: No such file"),
        (["*.xyz"], "*.xyz: no file matches"),
        (["nothing"], "nothing: no images in it"),
        (["notes.txt"], "notes.txt: not an image"),
        (["long.png"], "bitocr: long.png: the line is too long"),
    ],
)
def test_nothing_that_can_be_read(
    line: Run, images: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(images)
    (images / "nothing").mkdir()
    Image.new("L", (3000, 2)).save(images / "long.png")
    result = line(*arguments)
    assert (result.code, result.out) == (1, "")
    assert message in result.err
    assert result.err.count("\n") == 1


def test_min_confidence(line: Run, images: Path) -> None:
    confidences = sorted(found["confidence"] for found in line(images, "--json").jsons)
    result = line(images, "--json", "--min-confidence", confidences[1] - 1e-4)  # they are printed rounded
    assert sorted(found["confidence"] for found in result.jsons) == confidences[1:]
    assert result.code == 0
    assert result.err.startswith("bitocr: 1 left out")


def test_beam_and_words(line: Run, images: Path, tmp_path: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("\ufeffzebra\r\n\nmañana\n", "utf-8")
    assert line(images / "a.png", "--beam", 4).code == 0
    assert line(images / "a.png", "--words", words).code == 0
    plain, guided = (line(images / "a.png", "--language-model", name) for name in ("none", "english"))
    assert (plain.code, guided.code) == (0, 0)
    assert plain.out == line(images / "a.png").out != guided.out


USAGE: list[tuple[list[Any], str]] = [
    (["read", "a.png"], "bitocr: whole pages cannot be read yet: cut out the lines and read them with --line"),
    (["read", "--line"], "the following arguments are required: PATH (see bitocr read --help)"),
    (["read", "--line", "a.png", "--model", "klingon"], "no model is called 'klingon'"),
    (["read", "--line", "a.png", "--model", "a.bit"], "a.bit: there is no such file"),
    (["read", "--line", "a.png", "--model", __file__], "not a bitocr model"),
    (["read", "--line", "a.png", "--threads", "-1"], "--threads"),
    (["read", "--line", "a.png", "--threads", "many"], "--threads"),
    (["read", "--line", "a.png", "--beam", "100000"], "--beam"),
    (["read", "--line", "a.png", "--min-confidence", "2"], "--min-confidence"),
    (["read", "--line", "a.png", "--beam", "0", "--words", __file__], "a beam of 2 or more"),
    (["read", "--line", "a.png", "--language-model", "x"], "no n-gram model is called 'x'"),
    (["read", "--line", "a.png", "--language-model", __file__], "not a bitocr n-gram file"),
    (["read", "--line", "a.png", "--words", "none.txt"], "none.txt: No such file"),
    (["read", "--line", "a.png", "--words", "/dev/null"], "no words in it"),
    (["read", "--line", "a.png", "--words", sys.executable], "not a UTF-8 text file"),
    (["read", "--line", "a.png", "--no-such-option"], "unrecognized arguments: --no-such-option"),
]


@pytest.mark.parametrize(("argv", "message"), USAGE, ids=lambda value: " ".join(map(str, value))[-40:])
def test_wrong_usage_is_one_line_and_exit_2(run: Run, model: Path, argv: list[Any], message: str) -> None:
    if "--line" in argv and "--model" not in argv:
        argv = [*argv, "--model", model]
    result = run(*argv)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.startswith("bitocr: ")
    assert result.err.count("\n") == 1


def test_unknown_kernel(line: Run, images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITOCR_KERNEL", "abacus")
    result = line(images / "a.png")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "abacus" in result.err


def test_names_cannot_steer_the_terminal(line: Run, images: Path) -> None:
    evil = images / "evil\033[2J\n.png"
    evil.write_text("text")
    result = line(evil, images / "a.png")
    assert result.code == 1
    assert "evil\\x1b[2J\\x0a.png: not an image" in result.err
    assert result.err.count("\n") == 1


def test_a_name_that_is_no_text(images: Path, model: Path) -> None:
    odd = os.fsencode(images) + b"/\xff.png"
    os.rename(images / "a.png", odd)
    done = command("read", "--line", "--model", model, odd, odd, "--json")
    assert done.returncode == 0
    assert b"\\udcff" in done.stdout


def command(*argv: Any, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """A real `bitocr` process."""
    return subprocess.run([sys.executable, "-m", "bitocr", *map(os.fsdecode, argv)], capture_output=True, **options)


def test_a_closed_pipe_is_no_error(images: Path, model: Path) -> None:
    shell = f"{sys.executable} -m bitocr read --line --json --model {model} {'$0 ' * 400} | head -n 1"
    done = subprocess.run(["bash", "-c", shell, images / "a.png"], capture_output=True)
    assert json.loads(done.stdout)["text"]
    assert done.stderr == b""


def test_reading_imports_nothing_slow(images: Path, model: Path) -> None:
    code = (
        "import sys; from bitocr.cli import run; code = run(sys.argv[1:]);"
        "print([m for m in ('torch', 'lightning', 'cv2', 'bitocr.cli.eval', 'onnxruntime') if m in sys.modules], code)"
    )
    argv = [sys.executable, "-c", code, "read", "--line", "--model", str(model), str(images / "a.png")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[] 0"


def test_it_imports_little_that_a_reader_does_not(images: Path, model: Path) -> None:
    code = (
        "import sys; from bitocr import Reader; Reader(sys.argv[1]).read_line(sys.argv[2]); before = set(sys.modules);"
        "from bitocr.cli import run; run(['read', '--line', '--model', *sys.argv[1:]]);"
        "print(*(m for m in sys.modules if m not in before and not m.startswith('bitocr.cli')))"
    )
    argv = [sys.executable, "-c", code, str(model), str(images / "a.png")]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()) <= {"argparse", "gc", "gettext", "locale", "_locale"}


def test_on_a_terminal_the_confidence_is_shown(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(read, "to_terminal", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    reading = Reader(model).read_line(picture(0))
    read.Printer(json=False, alone=True, min_confidence=0).line("a.png", reading)
    several = read.Printer(json=False, alone=False, min_confidence=0)
    several.line("longer.png", reading)
    several.line("a.png", reading)
    confidence = f"{reading.confidence:.3f}"
    assert capsys.readouterr().out.splitlines() == [
        f"{reading.text}  {confidence}",
        f"longer.png  {reading.text}  {confidence}",
        f"a.png       {reading.text}  {confidence}",
    ]


def test_a_wide_image_of_one_pixel(line: Run, tmp_path: Path) -> None:
    for size in ((1, 1), (1, 400), (400, 2)):
        path = tmp_path / "odd.png"
        Image.fromarray(np.zeros(size[::-1], np.uint8)).save(path)
        assert line(path).code == 0
