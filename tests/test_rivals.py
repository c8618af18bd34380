"""The ONNX files to time beside the engine: they run, and int8 is int8."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

import random_model  # noqa: E402
from bitocr.lab.export.rivals import training_config, write_rivals  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402


def test_rivals_run_in_onnx_runtime(tmp_path: Path) -> None:
    network = random_model.header()["network"]
    files = write_rivals(network, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in files)
    outputs = {}
    for path in files:
        session = onnxruntime.InferenceSession(str(path))
        outputs[path.stem] = session.run(None, {"image": np.ones((1, 1, 32, 48), np.float32)})[0]
    for name in ("same_network", "mobilenet_crnn"):
        full, quantized = tmp_path / f"{name}_float.onnx", tmp_path / f"{name}_int8.onnx"
        assert quantized.stat().st_size < full.stat().st_size
        assert outputs[full.stem].shape == outputs[quantized.stem].shape
        assert not np.array_equal(outputs[full.stem], outputs[quantized.stem])


def test_training_config_is_the_same_network() -> None:
    network = random_model.header()["network"]
    net = build(training_config(network))
    widths = [len(weight) for name, weight in net.named_parameters() if name.endswith("conv2.weight")]
    assert widths == [block["out"] for block in network["blocks"]]
    assert net.head.out_features == network["classes"]
