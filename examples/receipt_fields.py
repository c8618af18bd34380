"""Reads the date and the total from the photo of a receipt, each by its form.

python examples/receipt_fields.py examples/photo.jpg
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from PIL import Image

from bitocr import Line, Reader
from bitocr.page import Quad

AMOUNT = r"(\$|RM)? ?D{1,3}(,DDD)*\.DD"
TOTAL = re.compile(r"(?i)\b(grand )?(total|tl|amount due)\b")


def crop(image: Image.Image, *quads: Quad) -> Image.Image:
    """The part of the picture with these boxes, and a small margin."""
    xs, ys = zip(*(point for quad in quads for point in quad), strict=True)
    margin = (max(ys) - min(ys)) / 5
    return image.crop((int(min(xs) - margin), int(min(ys) - margin), int(max(xs) + margin), int(max(ys) + margin)))


def surest(readings: list[Line]) -> dict[str, Any] | None:
    """The reading that the reader is surest of. Constrained readings are empty where nothing fits."""
    found = [reading for reading in readings if reading.text]
    best = max(found, key=lambda reading: reading.confidence, default=None)
    return best and {"value": best.text.strip(), "confidence": round(best.confidence, 3)}


def fields(path: str) -> dict[str, Any]:
    """Each field with its value and confidence, or None where the receipt has none."""
    reader = Reader()
    image = Image.open(path).convert("RGB")
    lines = reader.read(image).lines
    # A word of digits with two separators may be a date. The check then reads dates that exist, and nothing else.
    words = [word for line in lines for word in line.words if re.search(r"\d\D\d+\D\d", word.text)]
    dates = [reader.read_line(crop(image, word.quad), check="date") for word in words]
    rows = {line.row for line in lines if TOTAL.search(line.text) and "sub" not in line.text.lower()}
    amounts = [[line.quad for line in lines if line.row == row and re.search(r"\d", line.text)] for row in rows]
    # Wide print may have spaces that split an amount, so the whole row is read too.
    totals = [
        reader.read_line(crop(image, *boxes), pattern=AMOUNT)
        for quads in amounts
        for boxes in ([quads] if quads else []) + [[quad] for quad in quads]
    ]
    return {"date": surest(dates), "total": surest(totals)}


if __name__ == "__main__":
    print(json.dumps(fields(sys.argv[1]), indent=2))
