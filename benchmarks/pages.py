"""Compares bitocr, RapidOCR 3 and 1.4.4 (PP-OCRv6, v4) and Tesseract on the same whole pages, in one run.

    make bench-pages DATA=DIR [LIMIT=N]

DIR holds page sets, each a folder with a pages.json (`bitocr.inspect.pages.score` describes it); sets whose names begin
with zh are Chinese. Every reader gets one thread and its own process. "on true boxes" is bitocr's recognizer on perfect
detections. Prints a table for each set: cells F, alnum F, page CER (mean, median), processor seconds per page from file
to text, and peak memory.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from page_readers import READERS

from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.pages.score import score_pages
from bitocr.inspect.speed import cpu_name

COLUMNS = ("set", "pages", "reader", "cells F", "alnum F", "page CER % mean", "median", "s", "MB")


def find_sets(data: Path) -> list[Path]:
    """The folders with a pages.json. Raises UsageError if there is none."""
    found = sorted(path.parent for path in data.glob("*/pages.json"))
    if not found:
        raise UsageError(f"{data}: no folder with a pages.json is there")
    return found


def language_of(folder: Path) -> str:
    return "zh" if folder.name.startswith("zh") else "en"


def predictions(name: str, folder: Path, limit: int | None) -> dict[str, Any] | None:
    """The predictions of a reader on a folder; None if it is not installed."""
    with tempfile.TemporaryDirectory() as temporary:
        out = Path(temporary) / "out.json"
        script = Path(__file__).with_name("page_readers.py")
        command = [sys.executable, str(script), name, str(folder), str(out), "--language", language_of(folder)]
        run = subprocess.run([*command, *(["--limit", str(limit)] if limit else [])], capture_output=True, text=True)
        if run.returncode:
            print(f"{name} is left out: {(run.stderr.strip().splitlines() or ['?'])[-1]}", file=sys.stderr)
            return None
        made: dict[str, Any] = json.loads(out.read_text("utf-8"))
        return made


def row(folder: Path, pages: list[dict[str, Any]], made: dict[str, Any]) -> str:
    found = score_pages(pages, made["pages"], chinese=language_of(folder) == "zh")
    cer = found.get("page_cer", {})
    figures = [*(found.get(name, {}).get("hmean") for name in ("cells", "alnum")), cer.get("mean"), cer.get("median")]
    seconds = sum(made["seconds"].values()) / max(1, len(made["seconds"]))
    shown = [f"{value:.1f}" if value is not None else "" for value in figures]
    cells = [folder.name, str(found["pages"]), made["reader"], *shown, f"{seconds:.3f}", str(made["peak_rss_mb"])]
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=None)
    parser.add_argument("--reader", action="append", choices=READERS, help="These alone.")
    arguments = parser.parse_args()
    folders = find_sets(arguments.data)
    print(f"{cpu_name()}, one thread, Python {platform.python_version()}\n")
    print(f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|")
    for folder in folders:
        pages = json.loads((folder / "pages.json").read_text("utf-8"))
        for name in arguments.reader or READERS:
            made = predictions(name, folder, arguments.limit)
            if made is not None:
                print(row(folder, pages, made), flush=True)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"pages: {error}")
