"""Compares OCRmyPDF with bitocr and with Tesseract on the same scans: processor seconds, and words found by pdftotext.

    python benchmarks/searchable_pdf.py DATA [--books 20] [--forms 50]

DATA has the folders oldbooks and funsd, each with a pages.json. The pages of each become one PDF of scans, which
OCRmyPDF reads with one job. The seconds of OCR are those of OCRmyPDF minus those of the same run without OCR. Recall is
the share of true words, without signs and case, that pdftotext finds on their page; the last column has what
`bitocr read` itself finds. Needs pip install 'bitocr[ocrmypdf]', tesseract and pdftotext.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = os.environ["OMP_THREAD_LIMIT"] = "1"

SETS = {"oldbooks": 300, "funsd": 100}  # and their dots per inch
TITLES = {"oldbooks": "old books", "funsd": "forms (FUNSD)"}
ENGINES = ("none", "bitocr", "tesseract")
COLUMNS = (
    "scans",
    "OCR, s a page: bitocr",
    "Tesseract",
    "words found, %: bitocr",
    "Tesseract",
    "`bitocr read`",
)


def words_of(text: str) -> Counter[str]:
    return Counter(word for part in text.casefold().split() if (word := re.sub(r"\W|_", "", part)))


def true_words(page: dict[str, Any]) -> Counter[str]:
    """The legible words of a page: others have no text."""
    return sum((words_of(item["text"]) for item in page["items"] if item["text"]), Counter())


def recall(found: Iterable[Counter[str]], true: Sequence[Counter[str]]) -> tuple[int, int]:
    """(the number of true words found, the number of true words)."""
    both = sum((mine & theirs).total() for mine, theirs in zip(found, true, strict=True))
    return both, sum(each.total() for each in true)


def scans(images: Sequence[Path], dpi: int) -> bytes:
    """A PDF of the pictures, without text."""
    from PIL import Image

    from bitocr.formats import Document, render
    from bitocr.page import Page

    documents = []
    for path in images:
        with Image.open(path) as image:
            file = io.BytesIO()
            image.convert("L").save(file, "PNG", compress_level=1)
            documents.append(Document(path.name, (Page(*image.size),), file.getvalue(), dpi))
    return render("pdf", documents)


def busy() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ocr(engine: str, source: Path, target: Path) -> float:
    """Runs OCRmyPDF and returns its processor seconds."""
    command = [sys.executable, "-m", "ocrmypdf", "--ocr-engine", engine, "-j", "1", "-q", "--output-type", "pdf"]
    start = busy()
    subprocess.run([*command, "--optimize", "0", str(source), str(target)], check=True)
    return busy() - start


def found_words(path: Path, count: int) -> list[Counter[str]]:
    """The words that pdftotext finds on each page."""
    run = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, text=True, check=True)
    return [words_of(text) for text in run.stdout.split("\f")[:count]]


def readers_words(images: Sequence[Path]) -> list[Counter[str]]:
    from bitocr import Reader

    return [words_of(page.text) for page in Reader().read_pages(images)]


def compare(folder: Path, name: str, limit: int) -> dict[str, tuple[float, int, int]]:
    """(processor seconds, words found, words) of each engine."""
    pages = json.loads((folder / name / "pages.json").read_text("utf-8"))[:limit]
    images = [folder / name / page["image"] for page in pages]
    true = [true_words(page) for page in pages]
    made: dict[str, tuple[float, int, int]] = {"reader": (0.0, *recall(readers_words(images), true))}
    with tempfile.TemporaryDirectory() as temporary:
        source, target = Path(temporary) / "in.pdf", Path(temporary) / "out.pdf"
        source.write_bytes(scans(images, SETS[name]))
        for engine in ENGINES:
            seconds = ocr(engine, source, target)
            made[engine] = (seconds, *recall(found_words(target, len(pages)), true))
    return made


def row(name: str, pages: int, made: dict[str, tuple[float, int, int]]) -> str:
    """The table's row for a set."""
    without = made["none"][0]
    seconds = [f"{(made[engine][0] - without) / pages:.2f}" for engine in ENGINES[1:]]
    recalls = [f"{100 * found / total:.1f}" for _, found, total in (made[name] for name in (*ENGINES[1:], "reader"))]
    return f"| {TITLES[name]}, {pages} pages | {' | '.join([*seconds, *recalls])} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--books", type=int, default=20)
    parser.add_argument("--forms", type=int, default=50)
    arguments = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|")
    for name, limit in (("oldbooks", arguments.books), ("funsd", arguments.forms)):
        made = compare(arguments.data, name, limit)
        print(row(name, limit, made), flush=True)


if __name__ == "__main__":
    main()
