"""Output formats: what they say about a page, and whether other programs' rules for them hold."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import bitocr.formats
from bitocr import Reader, defaults
from bitocr.errors import ImageError, UsageError
from bitocr.formats import FORMATS, Document, format_of, render, suffix_of
from bitocr.page import Page
from documents import LETTER, line, page, turned

PAGES = Path(__file__).parent / "data" / "pages"
DOCUMENT = Document("a.png", (LETTER,), dpi=150)
SCHEMA = json.loads(Path(bitocr.formats.__file__).with_name("page.schema.json").read_text())
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
HTML = "{http://www.w3.org/1999/xhtml}"


def test_text_has_a_form_feed_between_pages() -> None:
    two = [DOCUMENT, Document("b.png", (Page(1, 1), page(line("b", 0, 0))))]
    assert render("text", two).decode() == f"{LETTER.text}\n\f\fb\n"


def test_json_is_as_its_schema_says() -> None:
    read = Reader().read(PAGES / "receipt.gif")
    documents = [Document.of("receipt.gif", read), Document("two.tif", (LETTER, read))]
    entries = [json.loads(each) for each in render("json", documents).decode().splitlines()]
    for each in entries:
        jsonschema.validate(each, SCHEMA)
    assert [each.get("page") for each in entries] == [None, 1, 2]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**entries[0], "confidence": 2}, SCHEMA)


def test_tsv_has_the_columns_of_tesseract() -> None:
    header, *rows = (each.split("\t") for each in render("tsv", [DOCUMENT]).decode().split("\n")[:-1])
    assert header == "level page_num block_num par_num line_num word_num left top width height conf text".split()
    assert rows[0] == ["1", "1", "0", "0", "0", "0", "0", "0", "400", "300", "-1", ""]
    assert rows[4] == ["5", "1", "1", "1", "1", "1", "20", "10", "20", "40", "75.000000", "A"]
    assert [row[0] for row in rows] == list("12345555345554555")
    assert rows[-1][:6] == ["5", "1", "1", "2", "2", "3"]


def test_hocr_has_boxes_baselines_and_confidences() -> None:
    lines = page(line("A <title> & more", 20, 10, high=40), turned(line("up", 20, 300, row=1), 300))
    root = ET.fromstring(render("hocr", [Document('"a".png', (lines,), dpi=150), DOCUMENT]))
    sheets = root.findall(f".//{HTML}div[@class='ocr_page']")
    assert [each.get("title") for each in sheets] == [
        "image \"'a'.png\"; bbox 0 0 400 300; ppageno 0; scan_res 150 150",
        'image "a.png"; bbox 0 0 400 300; ppageno 1; scan_res 150 150',
    ]
    titles = [each.get("title") for each in sheets[0].findall(f".//{HTML}span[@class='ocr_line']")]
    assert titles == [
        "bbox 20 10 340 50; baseline 0.000 -6; x_size 52.0",
        "bbox 300 260 320 280; textangle 90; x_size 26.0",
    ]
    words = sheets[0].findall(f".//{HTML}span[@class='ocrx_word']")
    assert [word.text for word in words] == ["A", "<title>", "&", "more", "up"]
    assert words[0].get("title") == "bbox 20 10 40 50; x_wconf 75; x_fsize 25"
    names = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(names) == len(set(names))


def test_hocr_tells_how_a_line_leans() -> None:
    leaning = line("leans", 100, 100)
    a, b, c, d = ((x, y + (x - 100) / 10) for x, y in leaning.quad)
    root = ET.fromstring(render("hocr", [Document("a", (page(replace(leaning, quad=(a, b, c, d))),))]))
    (title,) = (each.get("title", "") for each in root.iter() if each.get("class") == "ocr_line")
    assert title.startswith("bbox 100 100 150 125; baseline 0.100 -8;")  # from the lower left corner of the box


# From the schema of ALTO 4.4: what each element may hold, in this order, and the attributes that it takes here.
ALTO_ELEMENTS = {
    "alto": ("Description Layout", "SCHEMAVERSION"),
    "Description": ("MeasurementUnit sourceImageInformation Processing", ""),
    "sourceImageInformation": ("fileName", ""),
    "Processing": ("processingCategory processingSoftware", "ID"),
    "processingSoftware": ("softwareName softwareVersion", ""),
    "Layout": ("Page", ""),
    "Page": ("PrintSpace", "ID PHYSICAL_IMG_NR WIDTH HEIGHT LANG"),
    "PrintSpace": ("ComposedBlock", "HPOS VPOS WIDTH HEIGHT"),
    "ComposedBlock": ("TextBlock", "ID HPOS VPOS WIDTH HEIGHT"),
    "TextBlock": ("TextLine", "ID HPOS VPOS WIDTH HEIGHT ROTATION"),
    "TextLine": ("String SP", "ID HPOS VPOS WIDTH HEIGHT BASELINE"),
    "String": ("", "ID CONTENT HPOS VPOS WIDTH HEIGHT WC"),
    "SP": ("", "HPOS VPOS WIDTH"),
}


def test_alto_keeps_to_its_schema() -> None:
    lines = page(line("A <title> & more", 20, 10), turned(line("up", 20, 300, paragraph=1, row=1), 300))
    root = ET.fromstring(render("alto", [Document("a.png", (lines, LETTER))]))
    for element in root.iter():
        children, attributes = ALTO_ELEMENTS.get(element.tag.removeprefix(ALTO), ("", ""))
        found = [child.tag.removeprefix(ALTO) for child in element]
        assert set(found) <= set(children.split())
        if element.tag != f"{ALTO}TextLine":
            assert found == sorted(found, key=children.split().index)
        assert {name for name in element.attrib if "}" not in name} <= set(attributes.split())
    strings = [(each.get("CONTENT"), each.get("HPOS"), each.get("WC")) for each in root.iter(f"{ALTO}String")]
    assert strings[:2] == [("A", "20", "0.75"), ("<title>", "40", "0.75")]
    assert [each.get("ROTATION") for each in root.iter(f"{ALTO}TextBlock")][:2] == [None, "-90.0"]
    assert next(root.iter(f"{ALTO}TextLine")).get("BASELINE") == "20,27 180,27"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([line("Title", 0, 0, high=40), line("text that goes on", 0, 50, 1, 1)], "# Title\n\ntext that goes on"),
        ([line("a*b", 0, 0), line("1. [c]", 0, 20, 0, 1)], "a\\*b\n1\\. \\[c\\]"),
        (
            [line("k", 0, 0), line("v", 90, 0), line("a|b", 0, 30, 0, 1), line("2", 90, 30, 0, 1)],
            "| k | v |\n| --- | --- |\n| a\\|b | 2 |",
        ),
        ([line("x", 0, 0), line("y", 0, 30, 1, 1)], "x\n\ny"),
    ],
)
def test_markdown_has_headings_tables_and_paragraphs(lines: list, expected: str) -> None:
    assert render("markdown", [Document("a", (page(*lines),))]).decode() == expected + "\n"


@pytest.mark.parametrize("name", FORMATS)
def test_any_text_and_no_text_give_files(name: str) -> None:
    odd = page(line("\x00\ud800\U0001f600 \x0b]]>", 10, 10), line("far", -50, 900), line("thin", 9, 9, high=0))
    picture = (PAGES / "receipt.gif").read_bytes()
    for pages in ((odd,), (Page(300, 170),)):
        data = render(name, [Document("odd\x01.png", pages, picture)])
        if name in ("hocr", "alto"):
            ET.fromstring(data)
        assert not re.search(rb"bbox -|-\d+ \d+ Td", data)
    if name in ("png", "jpeg"):
        with pytest.raises(ImageError, match="0 pages, and a picture shows one"):
            render(name, [])
    else:
        assert isinstance(render(name, []), bytes)


def test_the_command_line_knows_every_format() -> None:
    assert tuple(FORMATS) == defaults.FORMATS


def test_the_format_follows_from_the_ending() -> None:
    for name in FORMATS:
        assert format_of(f"A.{suffix_of(name).upper()}") == name
    with pytest.raises(UsageError, match=r"a\.doc: no format has this ending .*--format"):
        format_of("a.doc")
    with pytest.raises(UsageError, match="no format 'doc'"):
        render("doc", [])
