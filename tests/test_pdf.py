"""PDF files as input and output: embedded scans, drawn pages, existing text, bad files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pdfs
from bitocr import Reader, batch
from bitocr.errors import ImageError
from bitocr.page import Page
from bitocr.pdf import is_pdf
from conftest import Result

LATE = "page 2: decoding a page takes longer than 1 s: save it anew"

RECEIPT = pdfs.PAGES / "receipt.gif"
Run = Callable[..., Result]


def test_a_pdf_is_known_by_its_beginning_or_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(pdfs.scan())
    assert is_pdf(path)
    assert is_pdf(pdfs.scan())
    assert is_pdf("missing.PDF")
    for other in (RECEIPT, b"GIF89a", tmp_path, "missing", Image.new("L", (1, 1)), np.zeros((1, 1), np.uint8)):
        assert not is_pdf(other)


def test_without_the_extra_one_line_says_how_to_install_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdfs.scan())
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    result = run("read", path)
    assert result.code == 1
    assert result.err == (
        f"bitocr: {path}: a PDF, for which this lacks a package: run {sys.executable} -m pip install 'bitocr[pdf]'\n"
    )


@pytest.mark.slow
def test_a_scan_is_taken_as_it_is() -> None:
    from bitocr.pdf.reading import read

    (pixels,) = read(pdfs.scan(), 10**6)
    assert isinstance(pixels, np.ndarray)
    assert np.array_equal(pixels, np.asarray(Image.open(RECEIPT).convert("L")))
    assert Reader().read(pdfs.scan()).text == Reader().read(RECEIPT).text


@pytest.mark.slow
def test_other_pages_are_drawn_at_300_dpi_or_less() -> None:
    from bitocr.pdf.reading import read

    (pixels,) = read(pdfs.printed("drawn"), 10**8, with_text=False)
    assert isinstance(pixels, np.ndarray)
    assert pixels.shape == (834, 1250, 3)
    assert pixels.min() == 0
    (pixels,) = read(pdfs.huge(), 10**6, with_text=False)
    assert isinstance(pixels, np.ndarray)
    assert 0.9e6 <= pixels.shape[0] * pixels.shape[1] <= 1e6


@pytest.mark.slow
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_text_that_is_there_is_taken_with_its_boxes(rotation: int) -> None:
    data = pdfs.printed("Hello there", "second line", entries={"Rotate": rotation})
    page = Reader().read(data)
    assert (page.model, page.confidence) == ("pdf", 1)
    assert sorted(page.text.split("\n")) == ["Hello there", "second line"]
    assert (page.width > page.height) == (rotation % 180 == 0)
    if not rotation:
        drawn = Reader(pdf_text=False).read(data)
        assert "Hello there" in drawn.text
        here, there = (np.array(read.lines[0].words[0].quad) for read in (page, drawn))
        assert np.abs(here - there)[[0, 2]].max() < 15


def words_of(data: bytes) -> list[str]:
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=data, capture_output=True, check=True)
    return run.stdout.decode().split()


@pytest.mark.slow
def test_pages_keep_what_they_show_and_get_text(run: Run, tmp_path: Path) -> None:
    import pikepdf

    path, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    with pikepdf.open(io.BytesIO(pdfs.scan())) as pdf, pikepdf.open(io.BytesIO(pdfs.printed("Printed words"))) as other:
        pdf.pages.extend(other.pages)
        pdf.save(path)
    assert run("read", path, "-o", out) == (0, "", "")
    expected = [*Reader().read(RECEIPT).text.split(), "Printed", "words"]
    assert words_of(out.read_bytes()) == expected
    with pikepdf.open(out) as pdf, pikepdf.open(path) as before:
        assert pdf.check_pdf_syntax() == []
        images = [file.pages[0].images["/I"].read_raw_bytes() for file in (pdf, before)]
        assert images[0] == images[1]
        assert pdf.pages[1].Contents.read_bytes() == before.pages[1].Contents.read_bytes()


@pytest.mark.slow
def test_force_takes_the_place_of_invisible_text(run: Run, tmp_path: Path) -> None:
    path, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    path.write_bytes(pdfs.text_layer())
    assert run("read", path).out == "hidden words\n"
    assert run("read", path, "-o", out).code == 0
    assert words_of(out.read_bytes()) == ["hidden", "words"]
    assert run("read", path, "-o", out, "--force").code == 0
    assert words_of(out.read_bytes()) == Reader().read(RECEIPT).text.split()


@pytest.mark.slow
def test_content_that_takes_too_much_memory_stays_as_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bitocr.pdf import layer

    path, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    path.write_bytes(pdfs.text_layer())
    monkeypatch.setattr(layer, "_MOST_CONTENT_BYTES", 10)
    assert run("read", path, "-o", out, "--force").code == 0
    assert words_of(out.read_bytes())[:2] == ["hidden", "words"]


@pytest.mark.slow
@pytest.mark.parametrize("rotation", [0, 90, 270])
def test_the_layer_of_a_turned_page_lies_on_its_text(run: Run, tmp_path: Path, rotation: int) -> None:
    path, out = tmp_path / "in.pdf", tmp_path / "out.pdf"
    path.write_bytes(pdfs.printed("Find this", entries={"Rotate": rotation}))
    assert run("read", path, "-o", out, "--force").code == 0
    both = Reader().read(out.read_bytes())
    assert both.text.split().count("Find") == 2  # that which is seen, and the layer's
    middles = [np.mean(word.quad, axis=0) for each in both.lines for word in each.words if word.text == "Find"]
    assert np.abs(middles[0] - middles[1]).max() < 30  # of a font 75 pixels high


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "damaged, or not a PDF"),
        (b"%PDF-1.7\n", "damaged, or not a PDF"),
        (pdfs.scan()[:500], "damaged, or not a PDF"),
        (b"\x89PNG\r\n\x1a\n", "damaged, or not a PDF"),
        *((pdfs.looping(what), None) for what in pdfs.LOOPS),
        (pdfs.scan().replace(b"/Width 300", b"/Width 60000").replace(b"/Height 170", b"/Height 60000"), None),
    ],
)
def test_bad_files_get_one_line(run: Run, tmp_path: Path, data: bytes, message: str | None) -> None:
    path, out = tmp_path / "bad.pdf", tmp_path / "out.pdf"
    path.write_bytes(data)
    result = run("read", path, "-o", out)
    assert result.code in ((1,) if message else (0, 1))
    if result.code:
        assert result.err.startswith(f"bitocr: {path}: ")
        assert len(result.err.splitlines()) == 1
        assert (message or "") in result.err
        assert os.listdir(tmp_path) == ["bad.pdf"]


@pytest.mark.slow
def test_an_encrypted_file_gets_one_line(tmp_path: Path) -> None:
    import pikepdf

    path = tmp_path / "a.pdf"
    with pikepdf.open(io.BytesIO(pdfs.scan())) as pdf:
        pdf.save(path, encryption=pikepdf.Encryption(owner="o", user="u"))
    with pytest.raises(ImageError, match=r"a\.pdf: encrypted: remove its password first"):
        Reader().read(path)


@pytest.mark.slow
def test_a_form_that_draws_itself_ends() -> None:
    import pikepdf

    file = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdfs.printed("a", operators=b"/X Do"))) as pdf:
        form = pdf.make_stream(b"/X Do", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 300, 200])
        form.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(X=form))
        pdf.pages[0].Resources.XObject = pikepdf.Dictionary(X=form)
        pdf.save(file)
    assert isinstance(Reader(pdf_text=False).read(file.getvalue()), Page)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    from bitocr.pdf import bounded

    monkeypatch.setattr(bounded, "SECONDS", 1.0)


@pytest.mark.slow
def test_a_page_that_draws_for_ever_costs_itself_alone(hurried: None, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdfs.endless())
    with pytest.raises(ImageError, match=f"a.pdf: {LATE}"):
        Reader().read(path)
    page, good = Reader(threads=1).read_pages([path, pdfs.printed("good")], errors="return")
    assert [(one.text, str(one.error)) for one in page.pages] == [
        ("before", "None"),
        ("", f"{path}: {LATE}"),
        ("behind", "None"),
    ]
    assert good.text == "good"


@pytest.mark.slow
def test_what_is_read_of_a_file_is_written_with_one_line_for_the_rest(run: Run, hurried: None, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdfs.endless())
    said = f"bitocr: {path}: {LATE}\n"
    assert run("read", path) == (1, "before\n\f\fbehind\n", said)
    result = run("read", path, "--json")
    assert (result.code, result.err) == (1, said)
    assert [(line.get("page"), line.get("error")) for line in map(json.loads, result.out.splitlines())] == [
        (None, f"{path}: {LATE}"),
        (1, None),
        (3, None),
    ]
    assert run("read", path, "-o", tmp_path / "out.txt") == (1, "", said)
    assert (tmp_path / "out.txt").read_text().split() == ["before", "behind"]
    assert batch.run([str(path)], tmp_path / "rows", format="jsonl", threads=1).failed == 1
    rows = [json.loads(line) for line in next((tmp_path / "rows").glob("part-*")).read_text().splitlines()]
    assert [(row["page"], row["text"], row["error"]) for row in rows] == [
        (1, "before", None),
        (2, "", LATE),
        (3, "behind", None),
    ]


@pytest.mark.slow
def test_a_file_of_many_such_pages_is_given_up(hurried: None, monkeypatch: pytest.MonkeyPatch) -> None:
    from bitocr.pdf import bounded

    monkeypatch.setattr(bounded, "MOST_LOST", 1)
    pages = list(bounded.read(pdfs.endless(), 40_000_000))  # with memory enough for that second
    assert [isinstance(page, Page) and str(page.error) for page in pages][1:] == [
        LATE,
        "page 3: left out with all that follow: too many could not be decoded",
    ]


@pytest.mark.slow
def test_a_decoder_is_kept_for_the_next_file() -> None:
    from bitocr.pdf import bounded

    list(bounded.read(pdfs.printed("a"), 10**6))
    kept = list(bounded._decoders._idle)
    list(bounded.read(pdfs.printed("b"), 10**6))
    assert bounded._decoders._idle == kept != []
