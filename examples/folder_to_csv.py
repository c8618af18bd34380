"""Reads all pictures of a folder into a CSV file: one row for each line of text.

python examples/folder_to_csv.py scans/ lines.csv
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from bitocr import Reader

SUFFIXES = {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".gif", ".bmp"}


def main(folder: str, out: str) -> None:
    paths = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in SUFFIXES)
    reader = Reader("auto", threads=0)  # English or Chinese, on all cores
    with open(out, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "page", "line", "confidence", "left", "top", "text", "error"])
        for path, result in zip(paths, reader.read_pages(paths, errors="return"), strict=True):
            name = str(path.relative_to(folder))
            if result.error is not None:  # the others go on
                rows.writerow([name, "", "", "", "", "", "", result.error])
                continue
            for number, page in enumerate(result.pages or (result,), 1):
                for place, line in enumerate(page.lines, 1):
                    left, top = (round(min(values)) for values in zip(*line.quad, strict=True))
                    rows.writerow([name, number, place, f"{line.confidence:.3f}", left, top, line.text, ""])


if __name__ == "__main__":
    main(*sys.argv[1:3])
