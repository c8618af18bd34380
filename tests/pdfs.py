"""Small hand-made PDF files for tests."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from bitocr.formats import Document, render
from bitocr.formats.pdf_file import PdfFile, Value, name
from bitocr.page import Page
from documents import line, page

PAGES = Path(__file__).parent / "data" / "pages"
LOOPS: dict[str, dict[str, Value]] = {
    "its page tree holds itself": {"Type": name("Pages"), "Kids": ["self"], "Count": 1},
    "its page tree holds nothing": {"Type": name("Pages"), "Kids": [], "Count": 0},
}


def scan(dpi: float = 72) -> bytes:
    """A page with only the picture of a receipt."""
    with Image.open(PAGES / "receipt.gif") as image:
        return render("pdf", [Document("a", (Page(*image.size),), image.convert("L"), dpi)])


def printed(*lines: str, mode: int = 0, operators: bytes = b"", entries: dict[str, Value] | None = None) -> bytes:
    """Lines of text in Helvetica, one below the other."""
    file = PdfFile()
    parent = file.reserve()
    font = file.add({"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("Helvetica")})
    shown = b" ".join(b"(%b) Tj 0 -24 Td" % text.encode() for text in lines)
    content = b"BT /F 18 Tf %d Tr 20 150 Td %b ET %b" % (mode, shown, operators)
    sheet = file.add(
        {
            "Type": name("Page"),
            "Parent": parent,
            "MediaBox": [0, 0, 300, 200],
            "Resources": {"Font": {"F": font}},
            "Contents": file.add_stream(content),
            **(entries or {}),
        }
    )
    file.set(parent, {"Type": name("Pages"), "Kids": [sheet], "Count": 1})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}))


def looping(what: str) -> bytes:
    file = PdfFile()
    parent = file.reserve()
    kids: list[Value] = [parent] if LOOPS[what]["Kids"] else []
    file.set(parent, {**LOOPS[what], "Kids": kids})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}))


def endless() -> bytes:
    """Three pages, the second of which draws a form ten times that draws a form ten times, and so on, 12 deep."""
    file = PdfFile()
    parent = file.reserve()
    font = file.add({"Type": name("Font"), "Subtype": name("Type1"), "BaseFont": name("Helvetica")})
    drawn = file.add_stream(b"0 0 100 100 re f", _form({}))
    for _ in range(12):
        drawn = file.add_stream(b"/X Do " * 10, _form({"XObject": {"X": drawn}}))
    resources: dict[str, Value] = {"Font": {"F": font}, "XObject": {"X": drawn}}
    sheets: list[Value] = [
        file.add(
            {
                "Type": name("Page"),
                "Parent": parent,
                "MediaBox": [0, 0, 300, 200],
                "Resources": resources,
                "Contents": file.add_stream(content),
            }
        )
        for content in (b"BT /F 18 Tf 20 150 Td (before) Tj ET", b"/X Do", b"BT /F 18 Tf 20 150 Td (behind) Tj ET")
    ]
    file.set(parent, {"Type": name("Pages"), "Kids": sheets, "Count": len(sheets)})
    return file.finish(file.add({"Type": name("Catalog"), "Pages": parent}))


def _form(resources: dict[str, Value]) -> dict[str, Value]:
    return {
        "Type": name("XObject"),
        "Subtype": name("Form"),
        "BBox": [0, 0, 300, 200],
        "Resources": resources,
    }


def huge() -> bytes:
    """A page of 200 x 200 inches: 60,000 pixels per side at 300 dpi."""
    return printed("a", entries={"MediaBox": [0, 0, 14_400, 14_400]})


def text_layer() -> bytes:
    """A scan with a text layer that holds different words."""
    with Image.open(PAGES / "receipt.gif") as image:
        layer = page(line("hidden words", 10, 10), width=image.width, height=image.height)
        return render("pdf", [Document("a", (layer,), image.convert("L"), 72)])
