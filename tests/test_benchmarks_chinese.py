"""What the benchmarks do for Chinese: sets and models by language, a face for hanzi, inputs of other heights."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bitocr.errors import UsageError
from bitocr.io import bitfile, shipped
from bitocr.native.engine import prepare
from conftest import picture
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
        head = {**header("ab"), "card": {"languages": languages}}
        bitfile.write(tmp_path / f"{name}.bit", head, tensors(head))
    assert (peers.models_for("en"), peers.models_for("zh")) == (["latin"], ["hanzi"])
    with pytest.raises(UsageError, match="zh_mtwi_lines is there"):
        peers.find_sets(tmp_path / "none")


@pytest.mark.parametrize("matched", ["/usr/share/fonts/other.ttf\t0\tDejaVu Sans", ""])
def test_without_a_chinese_face_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, matched: str) -> None:
    done = subprocess.CompletedProcess([], 0, matched)
    monkeypatch.setattr(pictures.subprocess, "run", lambda *arguments, **options: done)
    pictures.chinese_face.cache_clear()
    assert Path(pictures.face_for("Bank", 100).path).name == "Cabin-Regular.otf"
    with pytest.raises(UsageError, match="install the packages fontconfig and fonts-noto-cjk"):
        pictures.face_for("银行", 100)


@pytest.fixture(scope="module")
def twins() -> Any:
    pytest.importorskip("torch")
    pytest.importorskip("lightning")
    import heights_twins  # type: ignore[import-not-found]

    return heights_twins


@pytest.mark.parametrize(("height", "width"), [(32, 96), (20, 61), (57, 300)])
def test_at_32_rows_images_are_prepared_as_by_the_engine(twins: Any, height: int, width: int) -> None:
    image = picture(3, height, width)
    difference = 32 * twins.prepared(image, 96, 32) - prepare(image, 96)
    assert np.abs(difference).max() < 3  # a gray level or two


@pytest.mark.parametrize("rows", [32, 48])
def test_both_networks_end_in_one_row_and_read_a_step_every_four_columns(twins: Any, rows: int) -> None:
    import torch

    from bitocr.lab.data.charset import Charset

    net = twins.network(rows, Charset("0123456789"), None).eval()
    image = torch.zeros(1, 1, rows, 10 * rows)
    assert net.backbone(image).shape == (1, 256, 1, 10 * rows // 4)
    assert net(image).shape == (1, 10 * rows // 4, 11)
    lower = image.clone()
    lower[:, :, -rows // 6 :] = 1  # what changes in the lowest sixth alone is seen
    assert not torch.equal(net(image), net(lower))
