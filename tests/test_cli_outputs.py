"""`bitocr read -o` and `--format`: which files are written, and what happens on errors."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from conftest import Result

Run = Callable[..., Result]
PAGES = Path(__file__).parent / "data" / "pages"
RECEIPT, DOCUMENT = PAGES / "receipt.gif", PAGES / "document.gif"


def test_the_ending_chooses_the_format(run: Run, tmp_path: Path) -> None:
    assert run("read", RECEIPT, DOCUMENT, "-o", tmp_path / "both.hocr") == (0, "", "")
    root = ET.fromstring((tmp_path / "both.hocr").read_bytes())
    assert [each.get("id") for each in root.iter() if each.get("class") == "ocr_page"] == ["page_1", "page_2"]
    assert os.listdir(tmp_path) == ["both.hocr"]


def test_format_alone_prints(run: Run) -> None:
    result = run("read", "--format", "tsv", "-", stdin=RECEIPT.read_bytes())
    assert result.code == 0
    words = [row.split("\t")[-1] for row in result.out.splitlines() if row.startswith("5\t")]
    assert words[:3] == ["THE", "CORNER", "SHOP"]
    assert run("read", "--format", "json", RECEIPT).json["blocks"]
    assert run("read", "--format", "text", RECEIPT).out.startswith("THE CORNER SHOP\n")


def test_a_folder_gets_a_file_for_each_input(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "receipt.png"
    Image.open(RECEIPT).save(other)
    out = tmp_path / "out"
    assert run("read", RECEIPT, other, DOCUMENT, "-o", f"{out}/", "--format", "text") == (0, "", "")
    assert sorted(os.listdir(out)) == ["document.txt", "receipt-2.txt", "receipt.txt"]
    assert (out / "receipt.txt").read_text() == (out / "receipt-2.txt").read_text()


def test_a_pdf_shows_each_picture(run: Run, tmp_path: Path) -> None:
    jpeg = tmp_path / "a.jpg"
    Image.open(RECEIPT).convert("RGB").save(jpeg, dpi=(144, 144))
    assert run("read", jpeg, DOCUMENT, "-o", tmp_path / "a.pdf").code == 0
    data = (tmp_path / "a.pdf").read_bytes()
    assert jpeg.read_bytes() in data
    assert b"/MediaBox [0 0 150 85]" in data


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("a.jpg", "JPEG")])
def test_a_picture_shows_one_page_and_its_text(run: Run, tmp_path: Path, name: str, kind: str) -> None:
    assert run("read", RECEIPT, "-o", tmp_path / name) == (0, "", "")
    with Image.open(tmp_path / name) as picture, Image.open(RECEIPT) as page:
        assert (picture.format, picture.size) == (kind, (2 * page.width, page.height))
        left = picture.convert("RGB").crop((0, 0, *page.size))
        right = np.asarray(picture.convert("L").crop((page.width, 0, 2 * page.width, page.height)))
    assert left.tobytes() != Image.open(RECEIPT).convert("RGB").tobytes()
    assert right.min() < 128
    result = run("read", RECEIPT, DOCUMENT, "-o", tmp_path / "two.png")
    assert (result.code, "2 pages, and a picture shows one" in result.err) == (1, True)
    assert run("read", RECEIPT, DOCUMENT, "-o", f"{tmp_path}/all/", "--format", "jpeg").code == 0
    assert sorted(os.listdir(tmp_path / "all")) == ["document.jpg", "receipt.jpg"]


def test_bad_inputs_are_told_and_the_rest_is_written(run: Run, tmp_path: Path) -> None:
    out, bad = tmp_path / "a.txt", tmp_path / "bad.png"
    bad.write_bytes(b"no image")
    result = run("read", bad, RECEIPT, tmp_path / "none.png", "-o", out)
    assert (result.code, len(result.err.splitlines())) == (1, 2)
    assert out.read_text().startswith("THE CORNER SHOP")
    out.unlink()
    assert run("read", bad, "-o", out).code == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.doc"], "no format has this ending"),
        (["-o", "."], "is a folder: choose with --format"),
        (["-o", "missing/a.txt"], "cannot write missing/a.txt: No such file or directory"),
        (["-o", "a.txt", "--line"], "for whole pages"),
        (["--format", "doc"], "invalid choice"),
        (["-o", "-"], "--output - needs --format"),
    ],
)
def test_wrong_usage_gets_one_line(run: Run, arguments: list[str], message: str) -> None:
    result = run("read", RECEIPT, *arguments)
    assert (result.code, len(result.err.splitlines())) == (2, 1)
    assert message in result.err
