"""benchmarks/stages.py: the order of a run's checkpoints, whatever their file times, and its table."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from bitocr.errors import UsageError
from bitocr.lab.data.charset import Charset
from bitocr.lab.nn.crnn import build
from bitocr.lab.train.weights import save_weights
from labelled import write_pictures
from networks import complete

TINY = {"stem": 8, "blocks": [[16, [1, 1]], [16, [2, 2]]], "neck": {"type": "none"}}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [2, 2]]], "neck": {"type": "none"}}
#: Folder: its network and images, in the order that is wanted.
ENGLISH: dict[str, tuple[dict[str, Any], int]] = {
    "a": ({"stage": "float"}, 9),
    "tuned": ({"stage": "activations"}, 1),
    "z": ({}, 5),
    "last": ({}, 7),
}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    return importlib.import_module("stages")


@pytest.fixture
def runs(tmp_path: Path) -> list[Path]:
    charset = Charset()
    for time, (name, (settings, images)) in enumerate([*reversed(ENGLISH.items()), ("mobile", (MOBILE, 3))]):
        network = complete({**(TINY if name in ENGLISH else {}), **settings, "classes": charset.classes})
        path = tmp_path / ("english" if name in ENGLISH else "small") / name / "weights.safetensors"
        card = {"network": network, "charset": charset.characters, "stage": name, "images": images}
        save_weights(path, build(network), card)
        os.utime(path, (time, time))
    return [tmp_path / "english", tmp_path / "small"]


def test_checkpoints_are_in_the_order_of_their_stages(script: ModuleType, runs: list[Path], tmp_path: Path) -> None:
    assert [path.parent.name for path in script.finished_stages(runs[0])] == list(ENGLISH)
    with pytest.raises(UsageError, match="no finished stage"):
        script.finished_stages(tmp_path)


def test_one_table_has_several_runs(
    script: ModuleType,
    runs: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("ic03_words", "sroie_lines"):
        write_pictures(tmp_path / name, ["bank", "1"])
    monkeypatch.setattr(sys, "argv", ["stages.py", *map(str, runs), "--data", str(tmp_path)])
    script.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| | blocks | ic03_words | sroie_lines, CER |"
    rows = [line.split(" | ") for line in lines[2:]]
    assert [row[0] for row in rows] == [
        "| english, float",
        "| english, activations",
        "| english, both",
        "| english, both",
        "| small, float",
    ]
    assert [row[1] for row in rows] == ["2", "2", "2", "2", "1"]
    assert {len(row) for row in rows} == {4}
