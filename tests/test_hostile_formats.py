"""Bad input through every interface of files and other programs: one clear line, bounded work, no partial files."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bitocr import pytesseract
from bitocr.integrations import tesseract_command
from conftest import Result

Run = Callable[..., Result]
HOSTILE = Path(__file__).parent / "data" / "hostile"


def png(width: int, height: int, data: bytes = b"") -> bytes:
    """A gray PNG file with any size in its header."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def cut(kind: str, share: float) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)).save(file, kind)
    return file.getvalue()[: int(len(file.getvalue()) * share)]


BAD = {
    "nothing": b"",
    "zeros": bytes(4096),
    "text": b"no picture\n" * 100,
    "60000 x 60000": png(60_000, 60_000),
    "no pixels": png(0, 10),
    "an early end": cut("PNG", 0.02),
    "a JPEG header alone": cut("JPEG", 0.05),
    "a model": (HOSTILE / "deep-JSON.bit").read_bytes(),
    "a bomb": png(9000, 9000, bytes(9001 * 9000)),
}


@pytest.fixture(params=BAD)
def bad(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "bad.png"
    path.write_bytes(BAD[request.param])
    return path


@pytest.mark.parametrize("format", ["hocr", "pdf"])
def test_files(run: Run, bad: Path, format: str) -> None:
    result = run("read", bad, "-o", bad.with_suffix(f".{format}"))
    assert (result.code, result.out, len(result.err.splitlines())) == (1, "", 1)
    assert os.listdir(bad.parent) == ["bad.png"]


def test_the_command(bad: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tesseract_command.run([str(bad), str(bad.with_suffix("")), "tsv", "pdf"]) == 1
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert os.listdir(bad.parent) == ["bad.png"]


@pytest.mark.parametrize("psm", [3, 7])
def test_the_functions(bad: Path, psm: int) -> None:
    for image in (str(bad), bad.read_bytes()):
        with pytest.raises(pytesseract.TesseractError) as error:
            pytesseract.image_to_data(image, config=f"--psm {psm}")
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("options", [(), ("--line",)])
def test_a_batch_names_each_and_reads_the_rest(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    good, folder = HOSTILE.parent / "bank.png", tmp_path / "in"
    folder.mkdir()
    files = {**BAD, **{path.stem: path.read_bytes() for path in HOSTILE.iterdir()}}
    for number, data in enumerate(files.values()):
        (folder / f"{number:02}-bad.png").write_bytes(data)
        (folder / f"{number:02}-good.png").symlink_to(good)
    result = run("batch", *options, "--format", "jsonl", folder, tmp_path / "out")
    assert result.code == 1
    rows = [json.loads(row) for path in sorted((tmp_path / "out").glob("part-*")) for row in path.open()]
    assert [row["source"] for row in rows] == sorted(map(str, folder.iterdir()))
    assert {row["text"] for row in rows if "good" in row["source"]} == {"AGRICULTURAL BANK OF CHINA"}
    errors = [json.loads(row) for row in (tmp_path / "out" / "errors.jsonl").open()]
    assert [error["source"] for error in errors] == sorted(map(str, folder.glob("*-bad.png")))
    assert not any("\n" in error["error"] for error in errors)


def test_folders_and_devices(run: Run, tmp_path: Path) -> None:
    for source in (tmp_path, "/dev/zero"):
        assert run("read", source, "-o", tmp_path / "out.hocr").code == 1
        with pytest.raises(pytesseract.TesseractError):
            pytesseract.image_to_string(str(source))
    assert os.listdir(tmp_path) == []
