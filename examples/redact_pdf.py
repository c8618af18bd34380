"""Removes e-mail addresses and IBANs from a PDF, so that neither pixels nor text of them are left.

pip install 'bitocr[pdf]'
python examples/redact_pdf.py examples/letter.pdf redacted.pdf

Every page becomes a picture with black bars, and gets a new text layer that is read from that picture. The old text,
forms, attachments and metadata are not copied. What bitocr misreads may stay visible: look at the result.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from bitocr import Page, Reader
from bitocr.formats import Document, render

DPI = 200
SCALE = DPI / 72  # a PDF counts 72 points an inch
SECRETS = (
    re.compile(r"[\w.+-]+ ?@ ?[\w-]+(?: ?[.,] ?[\w-]+)+"),  # e-mail addresses, also with spaces that are not there
    re.compile(r"\b[A-Z]{2} ?[0-9OI]{2}(?: ?[A-Z0-9]){11,30}\b"),  # IBANs, also with a misread digit
)
Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels."""


def secrets(text: str) -> Iterator[int]:
    """The places of all characters that belong to a secret."""
    for pattern in SECRETS:
        for match in pattern.finditer(text):
            yield from range(match.start(), match.end())


def seen(page: Page) -> Iterator[Box]:
    """What is to be covered, by what bitocr reads: characters, as high as their line."""
    for line in page.lines:
        chars = [char for word in line.words for char in (*word.chars, None)]  # None is a space
        text = "".join(char.char if char else " " for char in chars)
        for char in (chars[place] for place in secrets(text)):
            if char is not None:
                xs = [x for x, _ in char.quad]
                yield min(xs), min(y for _, y in line.quad), max(xs), max(y for _, y in line.quad)


def written(sheet: Any) -> Iterator[Box]:
    """The same by the text that the PDF's page holds."""
    text = sheet.get_textpage()
    for place in secrets(text.get_text_range()):
        left, bottom, right, top = text.get_charbox(place)
        yield left * SCALE, (sheet.get_height() - top) * SCALE, right * SCALE, (sheet.get_height() - bottom) * SCALE


def redact(source: str, target: str) -> None:
    """Writes the redacted copy."""
    reader, documents = Reader(), []
    with pypdfium2.PdfDocument(source) as pdf:
        for number, sheet in enumerate(pdf, 1):
            image = sheet.render(scale=SCALE).to_pil().convert("RGB")
            pen = ImageDraw.Draw(image)
            for left, top, right, bottom in [*seen(reader.read(image)), *written(sheet)]:
                margin = (bottom - top) / 4
                pen.rectangle((left - margin, top - margin, right + margin, bottom + margin), fill="black")
            documents.append(Document(f"page {number}", (reader.read(image),), _png(image), DPI))
    Path(target).write_bytes(render("pdf", documents))


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


if __name__ == "__main__":
    redact(*sys.argv[1:3])
