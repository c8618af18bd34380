"""Finding faces: characters that a face cannot draw are detected, and a machine without fonts uses the bundled one."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bitocr.lab.data.synth import faces, fontconfig
from bitocr.lab.data.synth.faces import FALLBACK, Face, describe, find_faces
from bitocr.lab.data.synth.fonts import FontBook, classify

BUNDLED = Face(str(FALLBACK), 0, "Cabin", "Regular")


@pytest.fixture
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    find_faces.cache_clear()
    yield
    find_faces.cache_clear()


def test_the_bundled_face_is_whole() -> None:
    (face,) = describe([BUNDLED])
    assert (face.missing, face.caps_only, face.monospaced) == ("", False, False)
    assert face.legibility > 0.95


def test_missing_placeholder_and_blank_glyphs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = faces.draw

    def broken(font: faces.Font, text: str, mode: str = "L") -> tuple[faces.Mask, tuple[int, int]]:
        swaps = {"@": "\uffff", "%": "=", "&": "=", "$": "=", "~": " "}
        return real(font, swaps.get(text, text), mode)

    monkeypatch.setattr(faces, "draw", broken)
    (face,) = describe([BUNDLED])
    assert set(face.missing) == set("@%&$=~")


def test_shuffled_letters_are_no_latin_face(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = faces._probe(BUNDLED)
    assert probe is not None
    models = faces._models([probe])
    letters = [c for c in probe.thumbs if c.isalpha()]
    shuffled = dict(zip(letters, (probe.thumbs[c] for c in letters[7:] + letters[:7]), strict=True))
    assert faces._legibility(faces._Probe({}, shuffled, (1, 2)), models) < faces._LEGIBLE


@pytest.mark.parametrize("data", [b"", b"not a font", b"\x00\x01\x00\x00" + bytes(60), FALLBACK.read_bytes()[:2000]])
def test_damaged_fonts_are_skipped(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.ttf").write_bytes(data)
    assert describe([Face(str(tmp_path / "bad.ttf"), 0, "Bad", "Regular")]) == ()
    assert describe([Face(str(tmp_path / "none.ttf"), 0, "None", "Regular")]) == ()


def test_equal_faces_count_once() -> None:
    assert len(describe([BUNDLED, Face(str(FALLBACK), 0, "Copy", "Regular")])) == 1


@pytest.mark.usefixtures("_fresh")
@pytest.mark.parametrize("listing", ["", "/none.ttf\t0\tNone\tRegular\tTrueType", "rubbish\n\t\t\t\n"])
def test_without_fonts_one_line_and_the_bundled_face(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, listing: str
) -> None:
    monkeypatch.setattr(faces, "latin_faces", lambda: listing)
    with caplog.at_level(logging.WARNING):
        found = find_faces()
    assert [face.path for face in found] == [str(FALLBACK)]
    assert len(caplog.messages) == 1
    assert "make fonts" in caplog.messages[0]


def test_without_fc_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fontconfig.shutil, "which", lambda name: None)
    assert fontconfig.latin_faces() == fontconfig.han_faces() == ""


@pytest.mark.usefixtures("_fresh")
def test_the_cache_is_used_and_a_damaged_one_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    listing = f"{FALLBACK}\t0\tCabin\tRegular\tCFF"
    first = faces._remembered(listing)
    (cached,) = (tmp_path / "cache" / "bitocr").iterdir()
    for damage in ("", "[]]", '[{"no": 1}]', "{"):
        cached.write_text(damage)
        assert faces._remembered(listing) == first
    monkeypatch.setattr(faces, "describe", lambda found: pytest.fail("the cache was not used"))
    assert faces._remembered(listing) == first


def test_variants_of_a_listing() -> None:
    listing = "\n".join((
        "/a.ttf\t0\tNoto Sans Thai\tRegular\tTrueType",
        "/b.pfb\t0\tC059\tRoman\tType 1",
        "/c.otf\t65536\tKarla\tBold\tCFF",
        "/c.otf\t131072\tKarla\tBold\tCFF",
        "/d.ttf\tx\tOdd\tRegular\tTrueType",
    ))  # fmt: skip
    found = faces.parse(listing)
    assert [(face.family, face.index) for face in found] == [("Noto Sans", 0), ("Karla", 65536)]


def test_a_face_without_the_characters_is_never_chosen() -> None:
    digits_only = Face("/x", 0, "DejaVu Sans", "Regular", missing="abc")
    book = FontBook([digits_only, Face("/y", 0, "Lato", "Regular")])
    rng = np.random.default_rng(0)
    assert {face.path for _ in range(40) if (face := book(rng, "scene", "cab"))} == {"/y"}
    assert FontBook([digits_only])(rng, "book", "cab") is None


@pytest.mark.parametrize(
    ("family", "monospaced", "expected"),
    [("Liberation Serif", False, "serif"), ("Open Sans", False, "sans"), ("Hack", True, "mono"),
     ("Sans Mind BRK", False, "display"), ("Comic Neue", False, "script"), ("Quirky Unheard", False, "display")],
)  # fmt: skip
def test_classes(family: str, monospaced: bool, expected: str) -> None:
    assert classify(Face("/x", 0, family, "Regular", monospaced=monospaced)) == expected
