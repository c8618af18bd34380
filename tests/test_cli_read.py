"""`bitocr read`: what it prints, where, and its exit code."""

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
TOO_LONG = np.tile(np.array([0, 255], np.uint8), (2, 1500))  # with ink, or there were nothing to read


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


def test_a_folder_of_one_image_is_printed_with_its_name(line: Run, images: Path, model: Path) -> None:
    reading = Reader(model).read_line(images / "sub" / "c.bmp")
    expected = f"{images / 'sub' / 'c.bmp'}\t{reading.text}\t{reading.confidence:.3f}\n"
    assert line(images / "sub") == (0, expected, "")


@pytest.mark.parametrize(("argument", "threads"), [("{}", 3), ("{}/a.png", 1), ("{}/*.png", 3)])
def test_folders_use_the_threads(
    line: Run, images: Path, monkeypatch: pytest.MonkeyPatch, argument: str, threads: int
) -> None:
    asked: list[int] = []

    class Spy(Reader):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            asked.append(self.threads)

    monkeypatch.setattr("bitocr.reader.Reader", Spy)
    assert line(argument.format(images), "--threads", 3).code == 0
    assert asked == [threads]


def test_no_picture_of_a_folder_is_skipped_silently(line: Run, images: Path) -> None:
    jpeg = (images / "b.jpg").read_bytes()
    for name in ("d.jfif", "e.jpe", "f.JIF"):
        (images / name).write_bytes(jpeg)
    for name in ("g.heic", "h.svg", "i.pdf", "j.txt"):
        (images / name).write_bytes(b"no image")
    result = line(images)
    assert result.code == 1
    names = [Path(row.split("\t")[0]).name for row in result.out.splitlines()]
    assert names == ["a.png", "b.jpg", "d.jfif", "e.jpe", "f.JIF", "c.bmp"]
    assert [error.split(": ")[1].rpartition("/")[2] for error in result.err.splitlines()] == [
        "g.heic",
        "h.svg",
        "i.pdf",
    ]


def test_each_page_of_a_tiff_is_printed(line: Run, images: Path, model: Path) -> None:
    path = images / "sub" / "d.tif"
    pages = [Image.fromarray(picture(seed)) for seed in range(2)] + [Image.fromarray(TOO_LONG)]
    pages[0].save(path, save_all=True, append_images=pages[1:2])
    readings = Reader(model).read_lines([picture(0), picture(1)])
    assert line(path) == (0, "".join(f"{each.text}\n" for each in readings), "")
    rows = line(images / "sub").out.splitlines()
    assert rows[1:] == [f"{path}\t{each.text}\t{each.confidence:.3f}" for each in readings]
    assert [(found["page"], found["text"]) for found in line(path, "--json").jsons] == [
        (1, readings[0].text), (2, readings[1].text),
    ]  # fmt: skip
    pages[0].save(path, save_all=True, append_images=pages[1:])
    result = line(path)
    assert (result.code, result.out) == (1, "".join(f"{each.text}\n" for each in readings))
    assert result.err.startswith(f"bitocr: {path}: page 3: the line is too long")
    assert result.err.count("\n") == 1


def test_max_pixels(line: Run, images: Path) -> None:
    result = line(images / "a.png", "--max-pixels", 3000)
    assert (result.code, result.out) == (1, "")
    assert "too large: 96 x 32, more than 3,000 pixels" in result.err
    assert line(images / "a.png", "--max-pixels", 3072).code == 0


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
    Image.fromarray(TOO_LONG).save(images / "long.png")
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
    (["read", "a.png", "--min-confidence", "0.5"], "--min-confidence needs --line"),
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


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")
@pytest.mark.parametrize(
    ("redirections", "code", "out", "err"),
    [
        ("{read} {image} >&-", 2, "", "bitocr: standard output is closed\n"),
        ("{read} {image} 2>&-", 0, "{text}\n", ""),
        ("{read} none.png 2>&-", 1, "", ""),
        ("{read} - <&-", 1, "", "bitocr: standard input: empty\n"),
        ("{read} {image} >&- 2>&- <&-", 2, "", ""),
        ("{bitocr} --version >&-", 2, "", "bitocr: standard output is closed\n"),
        ("{read} {image} | true; exit ${{PIPESTATUS[0]}}", 141, "", ""),
        ("{read} none.png 2>&1 | true; exit ${{PIPESTATUS[0]}}", 141, "", ""),
        ("{bitocr} none 2>&1 | true; exit ${{PIPESTATUS[0]}}", 141, "", ""),
    ],
)
def test_closed_streams(images: Path, model: Path, redirections: str, code: int, out: str, err: str) -> None:
    bitocr = f"{sys.executable} -m bitocr"
    shell = redirections.format(bitocr=bitocr, read=f"{bitocr} read --line --model {model}", image=images / "a.png")
    done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    text = Reader(model).read_line(images / "a.png").text
    assert (done.returncode, done.stdout, done.stderr) == (code, out.format(text=text), err)


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
