"""A font without shapes: every character is half as wide as the font is high, and its code is its UTF-16 code unit.

`glyphless.ttf` has one empty glyph, which all characters share; tools/glyphless.py makes it.
"""

from __future__ import annotations

from pathlib import Path

from bitocr.formats.pdf_file import PdfFile, Reference, name

ADVANCE, ASCENT, DESCENT = 500, 800, -200  # in thousandths of the font's size
_NAME = "Glyphless"
_TO_UNICODE = b"""\
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
1 beginbfrange
<0000> <FFFF> <0000>
endbfrange
endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""


def add_font(file: PdfFile) -> Reference:
    """Adds the font; its text is UTF-16, big end first."""
    data = Path(__file__).with_name("glyphless.ttf").read_bytes()
    descriptor = file.add(
        {
            "Type": name("FontDescriptor"),
            "FontName": name(_NAME),
            "Flags": 5,  # all of one width, and with signs of its own
            "FontBBox": [0, DESCENT, ADVANCE, ASCENT],
            "ItalicAngle": 0,
            "Ascent": ASCENT,
            "Descent": DESCENT,
            "CapHeight": ASCENT,
            "StemV": 80,
            "FontFile2": file.add_stream(data, {"Length1": len(data)}),
        }
    )
    descendant = file.add(
        {
            "Type": name("Font"),
            "Subtype": name("CIDFontType2"),
            "BaseFont": name(_NAME),
            "CIDSystemInfo": {"Registry": "Adobe", "Ordering": "Identity", "Supplement": 0},
            "CIDToGIDMap": file.add_stream(bytes(2 << 16)),  # all to the only glyph
            "DW": ADVANCE,
            "FontDescriptor": descriptor,
        }
    )
    return file.add(
        {
            "Type": name("Font"),
            "Subtype": name("Type0"),
            "BaseFont": name(_NAME),
            "Encoding": name("Identity-H"),
            "DescendantFonts": [descendant],
            "ToUnicode": file.add_stream(_TO_UNICODE),
        }
    )
