"""Chinese in the benchmarks: sets and models by language, a face for hanzi."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bitocr.errors import UsageError
from bitocr.io import bitfile, shipped
from random_model import header, tensors

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import peers  # type: ignore[import-not-found]
import picture as pictures  # type: ignore[import-not-found]


def test_sets_and_models_by_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("zh_photos_lines", "ic03_words"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "labels.tsv").write_text("a.png\ta\n")
    found = peers.find_sets(tmp_path)
    assert {language: [path.parent.name for path in sets] for language, sets in found.items()} == {
        "en": ["ic03_words"],
        "zh": ["zh_photos_lines"],
    }
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    for name, languages in (("latin", ["en"]), ("hanzi", ["zh", "en"])):
        head = {**header("ab"), "languages": languages}
        bitfile.write(tmp_path / f"{name}.bit", head, tensors(head))
    assert (peers.models_for("en"), peers.models_for("zh")) == (["latin"], ["hanzi"])
    with pytest.raises(UsageError, match="zh_mtwi_lines is there"):
        peers.find_sets(tmp_path / "none")


@pytest.mark.parametrize("matched", ["/usr/share/fonts/other.ttf\t0\tDejaVu Sans", ""])
def test_without_a_chinese_face_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, matched: str) -> None:
    done = subprocess.CompletedProcess([], 0, matched)
    monkeypatch.setattr(pictures.subprocess, "run", lambda *arguments, **options: done)
    pictures.chinese_face.cache_clear()
    assert Path(str(pictures.face_for("Bank", 100).path)).name == "Cabin-Regular.otf"
    with pytest.raises(UsageError, match="install the packages fontconfig and fonts-noto-cjk"):
        pictures.face_for("银行", 100)
