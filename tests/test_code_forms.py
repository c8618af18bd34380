"""Codes whose form tells what an unclear character is."""

from __future__ import annotations

import ctypes
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.native.library import lib

MOST = 128
if not hasattr(lib, "bitocr_test_formats"):
    pytest.skip("the library was built without BITOCR_HOOKS", allow_module_level=True)


def mended(text: str) -> str:
    memory = (ctypes.c_uint32 * MOST)(*map(ord, text))
    return "".join(map(chr, memory[: lib.bitocr_test_formats(memory, len(text))]))


@pytest.mark.parametrize(
    ("read", "printed"),
    [
        # hexadecimal: no O, I and l, and one case
        ("32-25-DO-71-2O-A7", "32-25-D0-71-20-A7"),
        ("aB:bo:e2:cc:fc:7l", "ab:b0:e2:cc:fc:71"),
        ("3I-A6-A0-IF-3D-8c is a card", "31-A6-A0-1F-3D-8C is a card"),
        ("816354a6862e4d67f4ddoae", "816354a6862e4d67f4dd0ae"),
        ("2b861dd22a53C70CC54000", "2b861dd22a53c70cc54000"),
        ("badef fcd20f 0cdca9f dd05", "badeffcd20f0cdca9fdd05"),
        # an IBAN has letters, digits, right check digits, and groups of four
        ("DE89 3704 0044 O532 0130 00", "DE89 3704 0044 0532 0130 00"),
        ("0E89 3704", "0E89 3704"),
        ("G882 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 32"),
        ("FRI4 20041010 0505 0001 3M02 606", "FR14 2004 1010 0505 0001 3M02 606"),
        ("DE8937040044053201300O", "DE89370400440532013000"),
        # addresses and paths have no spaces beside their signs
        ("owner_ camp 2@naan. de", "owner_camp2@naan.de"),
        ("wore—bluff3@dramas.com", "wore-bluff3@dramas.com"),
        ("http://laptop- night.net/ vm45v", "http://laptop-night.net/vm45v"),
        ("C:\\Strays\\ Kay \\Art. dll", "C:\\Strays\\Kay\\Art.dll"),
        ("C:lRegionlEarley.txt", "C:\\Region\\Earley.txt"),
        ("C:!Hot\\Readily\\Of.exe", "C:\\Hot\\Readily\\Of.exe"),
        ("C:Nazarene\\Fast.exe", "C:\\Nazarene\\Fast.exe"),
        # dashes
        ("v1.3.95–beta31", "v1.3.95-beta31"),
    ],
)  # fmt: skip
def test_the_form_tells(read: str, printed: str) -> None:
    assert mended(read) == printed
    assert mended(printed) == printed


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "OIl", "Oo Il", "1990–2000", "a – b", "yes—no", "1870—and", "3.50—so",
        "DEAD BEEF", "OOO-III-lll", "fadedfacadeIll",
        "0123 4567 89ab cdef", "3782 8224631 00051234", "IO10 2000", "ISBN 0-306-40615-2",
        "DE88 3704 0044 0532 0130 00",
        "foo bar@baz.de", "E-mail info@x.de", "Dr. foo@bar.de", "@ home", "John. Smith", "Oct 10, 2011",
        "https://x.com and more", "C: Html", "A:Bc", "C:\\HtmlParser.dll", "A:" + "B" * 124 + ".c",
        "x" * MOST, "0" * MOST, " " * MOST, "@" * MOST, "e1" * 63 + " O",
    ],
)  # fmt: skip
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert mended(text) == text


def test_random_texts_keep_their_room() -> None:
    rng = np.random.default_rng(0)
    characters = np.array(list("0O1Il8B5S @.-_/\\:–abDE"))
    for _ in range(20_000):
        text = "".join(rng.choice(characters, rng.integers(0, MOST + 1)))
        assert len(mended(text)) <= MOST


@pytest.mark.parametrize(
    ("text", "size", "noise"),
    [("3D-00-E0-19-8B-0A", 20, 0), ("9d75b6d3b53e2d5e20d0fc", 20, 0), ("GB29 NWBK 6016 1331 9268 19", 15, 8)],
)
def test_readings_with_a_language_model_are_mended(text: str, size: int, noise: int) -> None:
    face = ImageFont.load_default(size)
    picture = Image.new("L", (int(face.getlength(text)) + 12, size + 16), 220)
    ImageDraw.Draw(picture).text((6, 6), text, 60, face)
    grain = np.random.default_rng(size).normal(0, noise, (picture.height, picture.width))
    image = np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8)
    line = Reader().read_line(image)
    assert line.text == text != Reader(language_model=None).read_line(image).text
    assert "".join(char.char for char in line.chars) == text
    assert all(a.x < b.x for a, b in pairwise(line.chars))
