"""benchmarks/verification.py: its table of files, and how it puts it into a page."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")
if importlib.util.find_spec("MNN") is None:
    pytest.skip("MNN is not installed", allow_module_level=True)

from bitocr.lab.export.source import open_source
from checkpoints import save_checkpoint
from labelled import write_pictures


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("binary", "model.bit float.onnx float.mnn packed.mnn"),
        ("mobilenet", "float.onnx float.mnn half.mnn packed.mnn"),
        ("static", "int8.onnx int8.mnn packed.mnn"),
        ("float, static", "int8.onnx packed.mnn"),
        ("dynamic", "int8.onnx packed.mnn"),
    ],
)
def test_every_network_has_its_forms(kind: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    script = importlib.import_module("verification")
    source = open_source(save_checkpoint(tmp_path / "weights.safetensors", kind))
    assert script.forms(source) == expected.split()


def test_the_table_has_a_row_for_every_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    script = importlib.import_module("verification")
    monkeypatch.setattr(script, "forms", lambda _: ["model.bit", "float.onnx"])
    folder, page = write_pictures(tmp_path / "shop", ["one", "two"]), tmp_path / "page.md"
    page.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    (tmp_path / "net").mkdir()
    checkpoint = save_checkpoint(tmp_path / "net" / "weights.safetensors", "engine")
    script.main([*map(str, (folder, checkpoint, "--doc", page))])
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "\n".join(lines[2:-2]) == capsys.readouterr().out.strip()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[4:7]]
    assert [row[1:2] + row[3:4] for row in rows] == [
        ["model.bit", "the checkpoint"],
        ["model.bit", "its numbers as the file has them"],
        ["float.onnx", "the checkpoint"],
    ]
    assert {row[0].rpartition("/")[2] for row in rows} == {"net"}
    assert {row[6] for row in rows} == {"0"}  # texts that differ
    assert lines[-3] == "2 images of shop. Differences are of log-probabilities; greedy, no n-grams."
