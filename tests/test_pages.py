"""Whole pages through `Reader` and `bitocr read`, with a detector of random weights: no picture fails."""

from __future__ import annotations

import json
import pickle
import re
import signal
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import random_detector
from bitocr import Page, Reader
from bitocr.errors import ImageError, ModelError, UsageError
from bitocr.native.engine import kernels
from conftest import Result

Run = Callable[..., Result]
WORD = ["text", "confidence", "quad", "chars"]


@pytest.fixture(scope="module")
def detector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("detector") / "random.bit"
    path.write_bytes(random_detector.model())
    return path


@pytest.fixture(scope="module")
def reader(model: Path, detector: Path) -> Reader:
    return Reader(model, detector=detector, min_score=0.0, beam=0)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


def specks() -> np.ndarray:
    image = np.full((1000, 1400), 255, np.uint8)
    rng = np.random.default_rng(0)
    image[rng.integers(0, 1000, 20000), rng.integers(0, 1400, 20000)] = 0
    return image


def huge_png() -> bytes:
    """The start of a file of 50,000 x 50,000 pixels."""

    def chunk(data: bytes) -> bytes:
        return struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))

    header = b"IHDR" + struct.pack(">IIBBBBB", 50000, 50000, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(header) + chunk(b"IDAT" + zlib.compress(bytes(9999)))


def check(page: Page, width: int, height: int) -> None:
    assert (page.width, page.height, page.error) == (width, height, None)
    found = json.loads(json.dumps(page.as_dict(), allow_nan=False))
    assert [line["text"] for block in found["blocks"] for line in block["lines"]] == [line.text for line in page.lines]
    assert all(0 <= line.confidence <= 1 for line in page.lines)
    side = 2 * (width + height) + 10
    assert all(abs(value) <= side for line in page.lines for corner in line.quad for value in corner)


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "one pixel": lambda: noise(1, 1),
    "a column": lambda: noise(3000, 1),
    "a row": lambda: noise(1, 3000),
    "a long column": lambda: noise(50000, 1),
    "a long row": lambda: noise(2, 50000),
    "noise": lambda: noise(700, 900, 3),
    "white": lambda: np.full((500, 400), 255, np.uint8),
    "specks": specks,
    "alpha": lambda: noise(60, 70, 4),
    "a part of a picture": lambda: noise(200, 300, 3)[10:150:2, 20:200],
}


@pytest.mark.parametrize("name", PICTURES)
def test_any_picture_is_read(reader: Reader, name: str) -> None:
    image = PICTURES[name]()
    check(reader.read(image), image.shape[1], image.shape[0])
    check(reader.find(image), image.shape[1], image.shape[0])


def test_lines_are_found_without_text(reader: Reader) -> None:
    page = reader.find(PICTURES["noise"]())
    assert len(page.lines) > 10
    assert {line.text for line in page.lines} == {""}
    assert page.model == ""


def test_every_kernel_and_number_of_threads_gives_the_same(model: Path, detector: Path) -> None:
    image = noise(300, 500)
    arguments = [{"kernel": kernel} for kernel in kernels()] + [{"threads": 3}]
    pages = [Reader(model, detector=detector, min_score=0.0, beam=0, **options).read(image) for options in arguments]
    assert pages[0].lines
    assert pages == [pages[0]] * len(pages)


def test_strips_of_a_large_picture_join(reader: Reader, model: Path, detector: Path) -> None:
    """A picture that passes through the network in several strips: the same part, repeated many times."""
    tile = np.full((512, 2048), 200, np.uint8)
    tile[200:260, 300:1500] = noise(60, 1200)
    page = reader.find(np.tile(tile, (5, 1)))
    assert page.lines
    assert all(line.quad[2][1] <= 5 * 512 + 64 for line in page.lines)


def test_pickled_readers_read_pages(reader: Reader) -> None:
    image = noise(100, 200)
    assert pickle.loads(pickle.dumps(reader)).read(image) == reader.read(image)


def test_many_pages(model: Path, detector: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"no picture")
    images: list[Any] = [noise(80, 90), tmp_path / "bad.png", noise(50, 60)]
    for threads in (1, 3):
        reader = Reader(model, detector=detector, beam=0, threads=threads)
        pages = list(reader.read_pages(images, errors="return"))
        assert [page.error is None for page in pages] == [True, False, True]
        assert [page.width for page in pages] == [90, 0, 60]
        with pytest.raises(ImageError, match="not an image"):
            list(reader.read_pages(images))
    with pytest.raises(UsageError, match="errors"):
        reader.read_pages([], errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not a list"):
        reader.read_pages("page.png")


def test_wrong_detectors(model: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="finds no text"):
        Reader(model, detector=model).read(noise(9, 9))
    with pytest.raises(ModelError, match="no such file"):
        Reader(model, detector=tmp_path / "none.bit").read(noise(9, 9))
    with pytest.raises(ModelError, match="not a bitocr model"):
        Reader(model, detector=b"nothing").find(noise(9, 9))
    with pytest.raises(UsageError, match="min_score"):
        Reader(model, min_score=2)


# ---- the command line ----


@pytest.fixture
def read(run: Run, model: Path, detector: Path) -> Run:
    return lambda *argv, **options: run("read", "--beam", 0, "--model", model, "--detector", detector, *argv, **options)


def save(path: Path, image: np.ndarray, mode: str | None = None, **options: Any) -> Path:
    picture = Image.fromarray(image)
    path.parent.mkdir(exist_ok=True)
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


def test_the_text_is_printed(read: Run, model: Path, detector: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(300, 400))
    page = Reader(model, detector=detector, beam=0).read(path)
    result = read(path)
    assert (result.code, result.err) == (0, "")
    assert result.out == (page.text + "\n" if page.text else "")
    two = read(path, path)
    assert [line for line in two.out.splitlines() if line.startswith("==>")] == [f"==> {path} <=="] * 2


def test_json_has_everything(read: Run, model: Path, detector: Path, tmp_path: Path) -> None:
    path = save(tmp_path / "a.png", noise(300, 400))
    page = Reader(model, detector=detector, beam=0).read(path)
    assert read(path, "--json").json == json.loads(
        json.dumps({"schema": 1, "path": str(path), "page": 1, **page.as_dict()})
    )
    assert read(path, "--format", "json") == read(path, "--json")
    assert list(page.as_dict()) == "width height angle scale model text confidence blocks".split()
    line = page.as_dict()["blocks"][0]["lines"][0]
    assert (list(line), list(line["words"][0])) == (["text", "confidence", "quad", "words"], WORD)
    assert list(line["words"][0]["chars"][0]) == ["char", "score", "quad"]


def test_each_page_of_a_file_is_printed(read: Run, model: Path, detector: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    pages = [Image.fromarray(noise(200, 300 + i)) for i in range(3)]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    texts = [page.text for page in Reader(model, detector=detector, beam=0).read(path).pages]
    assert read(path).out == "\f".join(f"{text}\n" if text else "" for text in texts)
    assert [(found["page"], found["width"]) for found in read(path, "--json").jsons] == [(1, 300), (2, 301), (3, 302)]


def test_boxes_are_drawn(read: Run, tmp_path: Path) -> None:
    one = save(tmp_path / "in" / "a.png", noise(300, 400))
    out = tmp_path / "out.png"
    assert read(one, "--draw", out).err == ""
    drawn = Image.open(out)
    assert (drawn.size, drawn.mode) == ((400, 300), "RGB")
    assert (np.asarray(drawn) != np.asarray(Image.open(one).convert("RGB"))).any()
    assert read("-", "--draw", tmp_path / "piped.png", stdin=one.read_bytes()).code == 0
    assert (tmp_path / "piped.png").read_bytes() == out.read_bytes()
    pages = [Image.fromarray(noise(60, 70 + i)) for i in range(2)]
    pages[0].save(tmp_path / "in" / "b.tif", save_all=True, append_images=pages[1:])
    (tmp_path / "in" / "aa.png").write_bytes(b"no picture")
    assert read(tmp_path / "in", "--draw", out.with_suffix(".jpg")).code == 1
    sizes = [Image.open(tmp_path / f"out-{number}.jpg").size for number in (1, 2, 3)]
    assert sizes == [(400, 300), (70, 60), (71, 60)]


def test_progress_is_shown_to_people(
    read: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for i in range(3):
        save(tmp_path / f"{i}.png", noise(40, 60 + i))
    plain = read(tmp_path)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    watched = read(tmp_path)
    assert (watched.code, watched.out) == (plain.code, plain.out)
    assert "reading  1 of 3" in watched.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_ctrl_c_while_a_folder_is_read(model: Path, detector: Path, tmp_path: Path) -> None:
    for i in range(40):
        save(tmp_path / f"{i:02}.png", noise(500, 600))
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        "import sys; from bitocr import cli; sys.stdout.reconfigure(line_buffering=True); cli.main()"
    )
    argv: list[Any] = ["read", tmp_path, "--beam=0", f"--model={model}", f"--detector={detector}", "--threads=2"]
    process = subprocess.Popen([sys.executable, "-c", code, *argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == f"==> {tmp_path / '00.png'} <==\n".encode()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(rb"bitocr: interrupted: \d+ of the pictures were read\n", error)


def test_one_bad_picture_stops_nothing(read: Run, tmp_path: Path) -> None:
    good = save(tmp_path / "1.png", noise(40, 60))
    for name, data in {"2.png": b"", "3.png": good.read_bytes()[:-60], "4.png": b"text"}.items():
        (tmp_path / name).write_bytes(data)
    save(tmp_path / "5.tif", np.arange(60 * 80, dtype=np.uint16).reshape(60, 80) * 13)
    save(tmp_path / "6.jpg", noise(30, 50, 3), "CMYK")
    save(tmp_path / "7.png", noise(1, 1))
    (tmp_path / "8.png").write_bytes(huge_png())
    result = read(tmp_path, "--json")
    assert result.code == 1
    failed = [Path(found["path"]).name for found in result.jsons if "error" in found]
    assert failed == ["2.png", "3.png", "4.png", "8.png"]
    assert [Path(found["path"]).name for found in result.jsons] == [
        f"{i}" for i in sorted(p.name for p in tmp_path.iterdir())
    ]
    assert result.err.count("\n") == len(failed)
    assert "8.png: too large: 2,500,000,000 pixels, more than 40,000,000" in result.err
    assert "--max-pixels" in result.err


def test_our_limit_stands_in_the_place_of_pillows(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "a.png", noise(60, 70))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert reader.read(path).width == 70
    assert Image.MAX_IMAGE_PIXELS == 1000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--clean", "polish", "a.png"], "there is no cleaning step 'polish'"),
        (["--draw", "a.txt", "a.png"], "--draw is a file to write, .png, .jpg"),
        (["--line", "--draw", "a.png", "a.png"], "--draw is for whole pages"),
        (["--format", "hologram", "a.png"], "--format"),
        (["--min-confidence", "0.5", "a.png"], "--min-confidence needs --line"),
        (["--detector", "none.bit", "a.png"], "none.bit: there is no such file"),
        (["--detector", __file__, "a.png"], "not a bitocr model"),
    ],
)
def test_wrong_usage(read: Run, arguments: list[str], message: str) -> None:
    result = read(*arguments)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1
