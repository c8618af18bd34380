"""Web fonts: which of npm's files are unpacked, and drawing with them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("fontTools")

from fontTools.ttLib import TTFont

from bitocr.errors import UsageError
from bitocr.lab.data.synth.faces import FALLBACK, Face, describe
from bitocr.lab.data.synth.webfonts import family_key, font_folder, han_families, install, web_families

CLASSES = {"sans", "serif", "display", "script", "mono"}


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A node_modules with a listed family in many styles, one without the usual weights, and one not listed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    font = TTFont(FALLBACK)
    font.flavor = "woff"
    files = {
        "lato": ["latin-400-normal", "latin-700-italic", "latin-300-normal", "latin-ext-400-normal"],
        "alex-brush": ["latin-500-normal"],
        "no-such-family": ["latin-400-normal"],
    }
    for name, cuts in files.items():
        folder = tmp_path / "node_modules" / "@fontsource" / name / "files"
        folder.mkdir(parents=True)
        for cut in cuts:
            font.save(folder / f"{name}-{cut}.woff")
    return tmp_path / "node_modules"


def test_the_latin_cuts_of_listed_families_are_unpacked_once(modules: Path) -> None:
    assert install(modules) == 3
    found = sorted(font_folder().iterdir())
    assert [path.stem for path in found] == ["alex-brush-latin-500-normal", "lato-latin-400-normal",
                                             "lato-latin-700-italic"]  # fmt: skip
    (face,) = describe([Face(str(found[0]), 0, "Alex Brush", "Regular")])
    assert face.missing == ""
    found[0].write_bytes(b"kept")
    assert install(modules) == 3
    assert found[0].read_bytes() == b"kept"


def test_of_a_chinese_family_the_whole_face_is_unpacked(modules: Path) -> None:
    folder = modules / "@fontsource" / "zcool-xiaowei" / "files"
    folder.mkdir(parents=True)
    font = TTFont(FALLBACK)
    font.flavor = "woff"
    for cut in ("5-400-normal", "chinese-simplified-400-normal", "latin-400-normal"):
        font.save(folder / f"zcool-xiaowei-{cut}.woff")
    install(modules)
    found = sorted(path.stem for path in font_folder().iterdir() if "xiaowei" in path.stem)
    assert found == ["zcool-xiaowei-chinese-simplified-400-normal", "zcool-xiaowei-latin-400-normal"]
    assert "zcool-xiaowei" in han_families()


def test_a_damaged_file_leaves_no_font(modules: Path) -> None:
    (modules / "@fontsource" / "alex-brush" / "files" / "alex-brush-latin-500-normal.woff").write_bytes(b"wOFF")
    with pytest.raises(UsageError, match=r"alex-brush-latin-500-normal\.woff: not a font"):
        install(modules)
    assert not any("alex" in path.name for path in font_folder().iterdir())


def test_nothing_to_install(modules: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no @fontsource package"):
        install(tmp_path)


def test_the_list() -> None:
    families = web_families()
    assert set(families.values()) == CLASSES
    assert not CLASSES & families.keys()
    assert all(family_key(name) == name for name in families)
    assert family_key("Alex Brush") == "alex-brush"
