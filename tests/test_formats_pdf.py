"""Searchable PDF: the file's structure, its pictures, and the text that other programs find, with its places."""

from __future__ import annotations

import html
import io
import re
import subprocess
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr import Reader
from bitocr.errors import ImageError, UsageError
from bitocr.formats import Document, render
from bitocr.page import Page
from documents import LETTER, line, page, turned

PAGES = Path(__file__).parent / "data" / "pages"
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (30, 40, 3), dtype=np.uint8)


def encoded(pixels: np.ndarray, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def oriented(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return encoded(PIXELS, "JPEG", exif=exif)


def pdf_of(source: Any, *pages: Page) -> bytes:
    return render("pdf", [Document("a", pages or (Page(40, 30),), source, dpi=72)])


def stream(data: bytes, mark: bytes) -> bytes:
    """The stream of the object whose entries contain `mark`."""
    found = re.search(rb"<<[^\n]*" + re.escape(mark) + rb"[^\n]*/Length (\d+)>>\nstream\n", data)
    assert found
    return data[found.end() : found.end() + int(found[1])]


def test_offsets_lead_to_the_objects() -> None:
    data = pdf_of(PIXELS, LETTER)
    table = int(data.rsplit(b"startxref\n", 1)[1].split()[0])
    offsets = [int(entry.split()[0]) for entry in data[table:].split(b"\n")[3:] if entry.endswith(b" n ")]
    assert data[table:].startswith(b"xref\n0 %d\n" % (len(offsets) + 1))
    for number, offset in enumerate(offsets, 1):
        assert data[offset:].startswith(b"%d 0 obj\n" % number)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_stays_as_it_is_and_is_drawn_upright(orientation: int) -> None:
    jpeg = oriented(orientation)
    data = pdf_of(jpeg)
    assert stream(data, b"/DCTDecode") == jpeg
    drawn = zlib.decompress(re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)[-1]).split(b" cm")[0]
    a, b, c, d, e, f = (float(each) for each in drawn.split()[1:])
    for x, y in ((0.1, 0.2), (0.9, 0.6)):  # of the stored picture, from its top left
        shown = a * x + c * (1 - y) + e, 30 - (b * x + d * (1 - y) + f)
        assert shown == pytest.approx(upright(orientation, x, y))


def upright(orientation: int, x: float, y: float) -> tuple[float, float]:
    """The place of a point after the EXIF orientation."""
    x, y = {
        1: (x, y),
        2: (1 - x, y),
        3: (1 - x, 1 - y),
        4: (x, 1 - y),
        5: (y, x),
        6: (1 - y, x),
        7: (1 - y, 1 - x),
        8: (y, 1 - x),
    }[orientation]
    return 40 * x, 30 * y


@pytest.mark.parametrize("channels", [1, 3])
def test_other_pictures_keep_every_pixel(channels: int) -> None:
    pixels = PIXELS[..., 0] if channels == 1 else PIXELS
    data = zlib.decompress(stream(pdf_of(encoded(pixels, "PNG")), b"/Predictor 12"))
    rows = np.frombuffer(data, np.uint8).reshape(30, -1)
    assert (rows[:, 0] == 2).all()
    assert np.array_equal(np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8), pixels.reshape(30, -1))


def test_black_and_white_takes_a_bit_a_pixel() -> None:
    pixels = (PIXELS[..., 0] > 128).astype(np.uint8) * 255
    data = zlib.decompress(stream(pdf_of(encoded(pixels, "PNG")), b"/BitsPerComponent 1"))
    assert np.array_equal(np.unpackbits(np.frombuffer(data, np.uint8).reshape(30, 5), axis=1), pixels // 255)


def test_what_is_transparent_is_paper() -> None:
    pixels = np.dstack([PIXELS, np.zeros((30, 40), np.uint8)])
    data = zlib.decompress(stream(pdf_of(encoded(pixels, "PNG")), b"/Predictor 12"))
    rows = np.frombuffer(data, np.uint8).reshape(30, -1)[:, 1:]
    assert (np.cumsum(rows, axis=0, dtype=np.uint8) == 255).all()


def test_pages_have_the_size_of_the_picture_and_pdfs_limit() -> None:
    assert b"/MediaBox [0 0 40 30]" in pdf_of(PIXELS)
    wide = np.zeros((1, 30_000), np.uint8)
    assert b"/MediaBox [0 0 14400 0.48]" in pdf_of(wide, Page(30_000, 1))


def test_a_document_needs_its_picture() -> None:
    with pytest.raises(UsageError, match="needs a source"):
        pdf_of(None)
    with pytest.raises(ImageError, match="No such file"):
        pdf_of("missing.png")


def text_of(data: bytes, *options: str) -> str:
    return subprocess.run(
        ["pdftotext", *options, "-", "-"], input=data, capture_output=True, check=True
    ).stdout.decode()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["document", "receipt"])
def test_pdftotext_finds_the_words_in_order_and_in_place(name: str) -> None:
    import pikepdf

    image = Image.open(PAGES / f"{name}.gif").convert("RGB")
    read = Reader().read(image)
    data = render("pdf", [Document(name, (read,), image, dpi=72)])
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert len(pdf.pages[0].Contents.read_raw_bytes()) <= 8000
    assert text_of(data, "-raw").split() == read.text.split()
    boxes = boxes_of(data)
    for each in read.lines:
        high = each.quad[3][1] - each.quad[0][1]
        for word in each.words:
            around = (*np.min(word.quad, axis=0), *np.max(word.quad, axis=0))  # short lines are a little askew
            away = min(np.abs(np.subtract(box, around)).max() for box in boxes[word.text])
            assert away <= 0.15 * high, word.text


def boxes_of(data: bytes) -> dict[str, list[tuple[float, ...]]]:
    """The place of each word according to pdftotext."""
    boxes: dict[str, list[tuple[float, ...]]] = {}
    word = r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>'
    for *corners, text in re.findall(word, text_of(data, "-bbox")):
        boxes.setdefault(html.unescape(text), []).append(tuple(map(float, corners)))
    return boxes


@pytest.mark.slow
def test_text_that_is_turned_and_chinese_text_are_found() -> None:
    both = page(turned(line("upwards it goes", 20, 100), 300), line("简体中文", 200, 200, 1, 1))
    words = text_of(pdf_of(np.full((300, 400), 255, np.uint8), both)).split()
    assert sorted(words) == sorted("upwards it goes 简体中文".split())


@pytest.mark.slow
@pytest.mark.parametrize("orientation", range(1, 9))
def test_pdfium_shows_a_jpeg_upright(orientation: int) -> None:
    import pypdfium2

    from bitocr.io.images import load

    jpeg = oriented(orientation)
    shown = load(jpeg)
    data = pdf_of(jpeg, Page(shown.shape[1], shown.shape[0]))
    rendered = pypdfium2.PdfDocument(data)[0].render(scale=1).to_numpy()
    assert np.abs(rendered.astype(int) - shown[..., ::-1]).mean() < 12
