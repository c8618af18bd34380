"""`bitocr bench`: every figure is there, and each takes less than a second."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Result

Run = Callable[..., Result]


def test_figures(run: Run, model: Path) -> None:
    result = run("bench", "--model", model, "--kernel", "generic", "--seconds", "0.01", "--json")
    report = result.json
    assert result.code == 0
    assert [row["channels"] for row in report["layers"]] == [64, 128, 256]
    assert all(row["gmac_per_s"] > 0 for row in report["layers"])
    assert {row["height"] for row in report["backbones"]} == {32, 1024}
    assert all(row["gmac_per_s"] > 0 for row in report["backbones"])
    assert [row["width"] for row in report["networks"]] == [100, 320]
    for row in report["networks"]:
        assert row["ms"] == pytest.approx(row["stem"] + row["blocks"] + row["neck"] + row["head"], abs=1e-3)
    assert report["throughput"][0]["threads"] == 1
    assert report["throughput"][0]["images_per_s"] > 0
    assert report["cold_start"]["ms"] > 0
    assert "generic" in report["machine"]["kernels"]


def test_for_people(run: Run, model: Path) -> None:
    out = run("bench", "--model", model, "--kernel", "generic", "--seconds", "0.01").out
    for part in ("64 channels, 16 x 80", "32 x 320", "1024 x 1024", "images/s", "import, load and first line"):
        assert part in out


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--kernel", "abacus"], "the kernel 'abacus' does not run here: choose from"),
        (["--onnx", "none.onnx"], "none.onnx: there is no such file"),
        (["--onnx", __file__], "cannot load it"),
        (["--model", "none.bit"], "there is no such file"),
    ],
)
def test_wrong_usage(run: Run, model: Path, argv: list[str], message: str) -> None:
    if argv[-1] == __file__:
        pytest.importorskip("onnxruntime")
    result = run("bench", "--model", model, *argv)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err
