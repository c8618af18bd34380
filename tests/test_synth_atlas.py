"""Atlases: a face's characters as FreeType draws them, kept on disk, without those that it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("fontTools")

import cv2
from fontTools.ttLib import TTFont

from bitocr.lab.data.synth.chinese import faces
from bitocr.lab.data.synth.chinese.atlas import EM, Atlas, AtlasFont, draw_atlas
from bitocr.lab.data.synth.faces import FALLBACK, draw, open_face
from bitocr.lab.data.synth.layout import Setting, set_text
from hanzi import ATLAS, FONT, LISTING


def atlas_of(path: Path, characters: str) -> Atlas:
    places = {character: place for place, character in enumerate(characters)}
    return Atlas(places, *draw_atlas(str(path), 0, characters))


@pytest.mark.parametrize("text", ["的", "国", "，", "g", "「"])
def test_a_character_is_as_freetype_draws_it(text: str) -> None:
    expected, offset = draw(open_face(str(FONT), 0, EM), text)
    ink, place = draw(AtlasFont(ATLAS, EM), text)
    np.testing.assert_array_equal(ink, expected)
    assert place == offset


@pytest.mark.parametrize("size", [12, 15, 24, 40, 54])
def test_a_line_is_about_as_freetype_draws_it(size: int) -> None:
    text = "中国人民的生活"
    expected, _ = draw(open_face(str(FONT), 0, size), text)
    ink, _ = draw(AtlasFont(ATLAS, size), text)
    assert abs(ink.shape[0] - expected.shape[0]) <= 2
    assert abs(ink.shape[1] - expected.shape[1]) <= 4
    hinted = cv2.GaussianBlur(cv2.resize(expected, ink.shape[::-1]), (0, 0), 1)
    assert np.corrcoef(cv2.GaussianBlur(ink, (0, 0), 1).ravel(), hinted.ravel())[0, 1] > 0.8


def test_what_a_face_lacks() -> None:
    atlas = atlas_of(FONT, "的 A龘☂")
    assert atlas.covers("的 A")
    assert not any(map(atlas.covers, ("龘", "☂", "的龘", "国")))  # the last is in the font, but was not asked for


def test_placeholders_and_blanks_are_nothing_drawn(tmp_path: Path) -> None:
    font = TTFont(FONT)
    cmap = font["cmap"].getBestCmap()
    for table in font["cmap"].tables:
        table.cmap.update({ord(c): cmap[ord("口")] for c in "龘靐齉爩"})  # a box for each
        table.cmap[ord("丨")] = cmap[ord(" ")]
    font.save(tmp_path / "boxes.otf")
    atlas = atlas_of(tmp_path / "boxes.otf", "的龘靐齉爩丨 ")
    assert [atlas.covers(c) for c in "的龘靐齉爩丨 "] == [True, *[False] * 5, True]


def test_text_is_set_with_an_atlas_as_with_any_font() -> None:
    rng, font = np.random.default_rng(0), AtlasFont(ATLAS, 30)
    plain = set_text(rng, font, "中 国", Setting())
    assert set_text(rng, font, "中 国", Setting(tracking=0.3)).shape[1] > plain.shape[1] + 10
    assert set_text(rng, font, "中 国", Setting(initial=1.5)).shape[0] > plain.shape[0]
    assert set(np.unique(set_text(rng, font, "中 国", Setting(mode="1")))) <= {0, 255}
    assert set_text(rng, font, "  ", Setting()).size == 0


def test_ascii_of_a_latin_face() -> None:
    own, other = AtlasFont(ATLAS, 30), AtlasFont(ATLAS, 30, (str(FALLBACK), 0))
    assert own.getlength("中国") == other.getlength("中国")
    assert own.getlength("Wwiil") != other.getlength("Wwiil")
    assert not np.array_equal(own.draw("国A")[0], other.draw("国A")[0])


@pytest.fixture
def _cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(faces, "han_faces", lambda: LISTING)
    faces.find_han_faces.cache_clear()
    yield
    faces.find_han_faces.cache_clear()


@pytest.mark.usefixtures("_cache")
def test_atlases_are_drawn_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (first,) = faces.find_han_faces("")
    (rows,) = tmp_path.glob("bitocr/atlases/*[0-9a-f].npy")
    rows.write_bytes(rows.read_bytes()[:100])
    faces.find_han_faces.cache_clear()
    (mended,) = faces.find_han_faces("")
    monkeypatch.setattr(faces, "draw_atlas", lambda *arguments: pytest.fail("the cache was not used"))
    faces.find_han_faces.cache_clear()
    (kept,) = faces.find_han_faces("")
    for face in (first, mended, kept):
        assert face.covers("的")
        np.testing.assert_array_equal(face.open(40).draw("国")[0], first.open(40).draw("国")[0])


@pytest.mark.usefixtures("_cache")
def test_damaged_fonts_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "cut.otf").write_bytes(FONT.read_bytes()[:3000])
    damaged = f"{tmp_path / 'cut.otf'}\t0\tCut\tRegular\tCFF\n/none.ttf\t0\tNone\tRegular\tTrueType"
    monkeypatch.setattr(faces, "han_faces", lambda: f"{damaged}\n{LISTING}")
    assert [face.family for face in faces.find_han_faces("")] == ["Noto Sans CJK SC"]
