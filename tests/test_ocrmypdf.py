"""The OCRmyPDF plugin, through OCRmyPDF's own command: text, orientation, skew, languages. Its parser on our hOCR."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import pdfs
from bitocr import Reader
from bitocr.formats import Document, render
from test_hostile_formats import BAD

pytestmark = pytest.mark.slow

PAGES = Path(__file__).parent / "data" / "pages"
PLUGIN = "bitocr.integrations.ocrmypdf_plugin"


def letter() -> Image.Image:
    """A page of several lines, on paper with margins."""
    with Image.open(PAGES / "document.gif") as image:
        small = image.convert("L")
    paper = Image.new("L", (small.width + 160, small.height + 160), 255)
    paper.paste(small, (80, 80))
    return paper.resize((paper.width * 2, paper.height * 2), Image.Resampling.BICUBIC)


def ocrmypdf(folder: Path, image: Image.Image, *options: str) -> tuple[int, str, str]:
    """(exit code, text, messages)."""
    source, target = folder / "in.png", folder / "out.pdf"
    image.save(source, dpi=(200, 200))
    command = [sys.executable, "-m", "ocrmypdf", "--ocr-engine", "bitocr", "--output-type", "pdf"]
    run = subprocess.run(
        [*command, "--optimize", "0", *options, str(source), str(target)], capture_output=True, text=True
    )
    text = ""
    if run.returncode == 0:
        text = subprocess.run(["pdftotext", str(target), "-"], capture_output=True, text=True, check=True).stdout
    return run.returncode, text, run.stderr


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_pages_of_any_orientation_become_upright_and_readable(tmp_path: Path, turned: int) -> None:
    image = letter()
    expected = Reader().read(image).text.split()
    code, text, messages = ocrmypdf(tmp_path, image.rotate(-turned, expand=True), "--rotate-pages")
    assert code == 0, messages
    assert len(set(text.split()) & set(expected)) >= 0.9 * len(set(expected))
    size = subprocess.run(["pdfinfo", tmp_path / "out.pdf"], capture_output=True, text=True, check=True).stdout
    rotation = int(next(row.split()[-1] for row in size.splitlines() if row.startswith("Page rot")))
    assert rotation == -turned % 360


def test_skew_is_removed(tmp_path: Path) -> None:
    image = letter().rotate(-4, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    code, _, messages = ocrmypdf(tmp_path, image, "--deskew")
    assert code == 0, messages
    images = tmp_path / "shown"
    subprocess.run(["pdftoppm", "-r", "200", "-png", tmp_path / "out.pdf", images], check=True)
    (shown,) = tmp_path.glob("shown*.png")
    assert abs(Reader().find(shown).angle) < 0.5


def test_languages(tmp_path: Path) -> None:
    code, _, messages = ocrmypdf(tmp_path, letter(), "-l", "deu")
    assert (code, "deu" in messages) == (3, True)


def test_an_empty_page_is_no_error(tmp_path: Path) -> None:
    code, text, messages = ocrmypdf(tmp_path, Image.new("L", (800, 600), 255), "--rotate-pages", "--deskew")
    assert (code, text.strip()) == (0, ""), messages


def test_the_older_interfaces_give_files(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from bitocr.integrations.ocrmypdf_plugin import BitocrEngine

    image, out, text = tmp_path / "a.png", tmp_path / "out", tmp_path / "text"
    letter().save(image)
    options = SimpleNamespace(languages=["eng"])
    BitocrEngine.generate_hocr(image, out, text, options)
    assert out.read_bytes().startswith(b"<?xml")
    BitocrEngine.generate_pdf(image, out, text, options)
    assert out.read_bytes().startswith(b"%PDF")
    assert text.read_text() == Reader().read(image).text + "\n"


def test_ocrmypdfs_parser_reads_our_hocr(tmp_path: Path) -> None:
    from ocrmypdf.hocrtransform import HocrParser

    from bitocr.integrations.ocrmypdf_pages import tree_of

    page = Reader().read(letter())
    path = tmp_path / "a.hocr"
    path.write_bytes(render("hocr", [Document("a.png", (page,), dpi=200)]))
    parsed, direct = HocrParser(path).parse(), tree_of(page, 200)
    assert [word.text for word in parsed.words] == [word.text for word in direct.words]
    assert (parsed.dpi, parsed.bbox) == (200, direct.bbox)
    for theirs, ours in zip(parsed.lines, direct.lines, strict=True):
        assert theirs.bbox == ours.bbox
        assert theirs.baseline is not None
        assert ours.baseline is not None
        assert theirs.baseline.slope == pytest.approx(ours.baseline.slope, abs=1e-3)
        assert theirs.baseline.intercept == ours.baseline.intercept
    for theirs, ours in zip(parsed.words, direct.words, strict=True):
        assert theirs.confidence == pytest.approx(ours.confidence, abs=0.006)
        assert theirs.font is not None
        assert ours.font is not None
        assert theirs.font.size == pytest.approx(ours.font.size, abs=0.6)


def test_the_plugin_is_an_entry_point() -> None:
    from importlib.metadata import entry_points

    assert [each.value for each in entry_points(group="ocrmypdf") if each.name == "bitocr"] == [PLUGIN]


def test_loading_the_plugin_starts_no_threads() -> None:
    """OCRmyPDF forks its workers after it has loaded the plugin."""
    code = f"import os, sys, {PLUGIN}; print('numpy' in sys.modules, len(os.listdir('/proc/self/task')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False 1\n"


# Pictures of 250 million pixels are read, as OCRmyPDF has a limit of its own.
@pytest.mark.parametrize("name", sorted(BAD.keys() - {"a bomb"}))
def test_a_broken_picture_gets_one_line(tmp_path: Path, name: str) -> None:
    from types import SimpleNamespace

    from bitocr.errors import ImageError
    from bitocr.integrations.ocrmypdf_plugin import BitocrEngine

    path = tmp_path / "a.png"
    path.write_bytes(BAD[name])
    for method in (BitocrEngine.generate_ocr, BitocrEngine.get_orientation, BitocrEngine.get_deskew):
        with pytest.raises(ImageError) as told:
            method(path, SimpleNamespace(languages=[]))
        assert "\n" not in str(told.value)


HOSTILE = {
    **{what: pdfs.looping(what) for what in pdfs.LOOPS},
    "cut short": pdfs.scan()[:2000],
    "no PDF": bytes(5000),
    "60000 x 60000": BAD["60000 x 60000"],
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_end_with_a_message(tmp_path: Path, name: str) -> None:
    """OCRmyPDF's own error: it checks files before any engine does."""
    source = tmp_path / ("in.png" if HOSTILE[name].startswith(b"\x89PNG") else "in.pdf")
    source.write_bytes(HOSTILE[name])
    command = [sys.executable, "-m", "ocrmypdf", "--ocr-engine", "bitocr", str(source), str(tmp_path / "out.pdf")]
    code, messages = ended([*command[:1], "-X", "faulthandler", *command[1:]], 120)
    assert code != 0
    assert "bitocr" not in messages.replace(str(tmp_path), "")


def ended(command: list[str], seconds: float) -> tuple[int, str]:
    """(exit code, messages). If it takes longer, the test fails with what all threads of all its processes did."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            messages = process.communicate(timeout=seconds)[1]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGABRT)
            pytest.fail(f"no end after {seconds} s:\n{process.communicate()[1]}")
        return process.returncode, messages
