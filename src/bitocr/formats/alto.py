"""ALTO 4, the XML of libraries and archives: boxes in pixels, word confidences, the baseline of upright lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bitocr
from bitocr.formats.document import Document, numbered
from bitocr.formats.geometry import baseline, box_of, direction, paragraphs, quarter
from bitocr.formats.xml_text import attribute, content
from bitocr.page import Line, Page, Quad, Word

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<alto xmlns="{namespace}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
xsi:schemaLocation="{namespace} {schema}" SCHEMAVERSION="4.4">
 <Description>
  <MeasurementUnit>pixel</MeasurementUnit>
  <sourceImageInformation>
   <fileName>{name}</fileName>
  </sourceImageInformation>
  <Processing ID="OCR_0">
   <processingCategory>contentGeneration</processingCategory>
   <processingSoftware>
    <softwareName>bitocr</softwareName>
    <softwareVersion>{version}</softwareVersion>
   </processingSoftware>
  </Processing>
 </Description>
 <Layout>
"""
_LANGUAGES = {"eng": "en", "chi_sim": "zh"}


def render(documents: Sequence[Document]) -> bytes:
    return "".join(_lines(documents)).encode("utf-8", "replace")


def _lines(documents: Sequence[Document]) -> Iterator[str]:
    name = content(documents[0].name if documents else "")
    yield _HEAD.format(namespace=_NAMESPACE, schema=_SCHEMA, name=name, version=bitocr.__version__)
    for number, document, page in numbered(documents):
        yield from _page(number, page, _LANGUAGES.get(document.language, "en"))
    if not any(document.pages for document in documents):
        yield '  <Page ID="page_1" PHYSICAL_IMG_NR="1"/>\n'
    yield " </Layout>\n</alto>\n"


def _page(number: int, page: Page, language: str) -> Iterator[str]:
    size = f'WIDTH="{page.width}" HEIGHT="{page.height}"'
    yield f'  <Page ID="page_{number}" PHYSICAL_IMG_NR="{number}" {size} LANG="{language}">\n'
    yield f'   <PrintSpace HPOS="0" VPOS="0" {size}>\n'
    for i, block in enumerate(page.blocks, 1):
        name = f"{number}_{i}"
        box = _box([line.quad for line in block.lines], page)
        yield f'    <ComposedBlock ID="block_{name}" {box}>\n'
        for k, lines in enumerate(paragraphs(block), 1):
            yield from _paragraph(f"{name}_{k}", lines, page)
        yield "    </ComposedBlock>\n"
    yield "   </PrintSpace>\n  </Page>\n"


def _paragraph(name: str, lines: Sequence[Line], page: Page) -> Iterator[str]:
    box = _box([line.quad for line in lines], page)
    yield f'     <TextBlock ID="text_{name}" {box}{_rotation(lines[0].quad)}>\n'
    for i, line in enumerate(lines, 1):
        yield f'      <TextLine ID="line_{name}_{i}" {_box([line.quad], page)}{_baseline(line, page)}>\n'
        before: Word | None = None
        for k, word in enumerate(line.words, 1):
            if before is not None:
                yield _space(before, word, page)
            yield _string(f"word_{name}_{i}_{k}", word, page)
            before = word
        yield "      </TextLine>\n"
    yield "     </TextBlock>\n"


def _string(name: str, word: Word, page: Page) -> str:
    box, text = _box([word.quad], page), attribute(word.text)
    return f'       <String ID="{name}" CONTENT={text} {box} WC="{word.confidence:.2f}"/>\n'


def _space(before: Word, after: Word, page: Page) -> str:
    left, right = box_of([before.quad], page), box_of([after.quad], page)
    width = max(0, right.left - left.right)
    return f'       <SP HPOS="{left.right}" VPOS="{left.top}" WIDTH="{width}"/>\n'


def _box(quads: Sequence[Quad], page: Page) -> str:
    box = box_of(quads, page)
    return f'HPOS="{box.left}" VPOS="{box.top}" WIDTH="{box.width}" HEIGHT="{box.height}"'


def _rotation(quad: Quad) -> str:
    """Degrees clockwise, of lines that do not stand upright."""
    return f' ROTATION="{direction(quad):.1f}"' if quarter(quad) else ""


def _baseline(line: Line, page: Page) -> str:
    """As points, of upright lines."""
    if quarter(line.quad):
        return ""
    box = box_of([line.quad], page)
    slope, intercept = baseline(line, page)
    start = box.bottom + intercept
    return f' BASELINE="{box.left},{start} {box.right},{round(start + slope * box.width)}"'
