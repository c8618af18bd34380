"""MNN's int8: files of quantized networks compute torch's integers, and our model of MNN's arithmetic is right."""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
if importlib.util.find_spec("MNN") is None:
    pytest.skip("MNN is not installed", allow_module_level=True)

from bitocr.lab.export import mnn_int8  # noqa: E402
from bitocr.lab.export.mnn import export_mnn  # noqa: E402
from bitocr.lab.export.mnn_arithmetic import dense_codes, depthwise_codes  # noqa: E402
from bitocr.lab.export.near_ties import bias_steps, zero_steps  # noqa: E402
from bitocr.lab.export.runners import Apart  # noqa: E402
from bitocr.lab.export.source import load_network  # noqa: E402
from bitocr.lab.export.verify import reference  # noqa: E402
from bitocr.lab.nn.quant.spec import QuantizedLayer, quantized_layers  # noqa: E402
from checkpoints import prepared, save_checkpoint  # noqa: E402
from mnn_layers import open_layers  # noqa: E402

IMAGES = [prepared(width, seed) for seed, width in enumerate((16, 20, 100, 64))]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"quantize": {"weights": 4, "edges": 4, "lstm": 4}},
        {"quantize": {"ranges": "average"}, "head": {"bottleneck": 16}},
    ],
    ids=["8 bits", "4 bits", "bottleneck"],
)
def test_a_file_computes_what_torch_does(changes: dict[str, Any], tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path / "weights.safetensors", "static", **changes), tmp_path / "model.mnn"
    export_mnn(source, model)
    net, _ = load_network(source)
    with Apart(model) as run:
        assert max(np.abs(run(image) - reference(net, image)).max() for image in IMAGES) < 1e-4


def sums_of(layer: QuantizedLayer, module: Any, codes: np.ndarray) -> np.ndarray:
    """The sums of an integer convolution of codes [C, H, W] above the zero point: int64 [out, places]."""
    given, weight = torch.from_numpy(codes)[None].double(), torch.from_numpy(layer.codes).double()
    sums = torch.nn.functional.conv2d(given, weight, None, module.stride, module.padding, 1, module.groups)
    return sums[0].flatten(1).numpy().astype(np.int64)


def test_the_arithmetic_is_mnns_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mnn_int8, "fitted", lambda layer, depthwise: layer)  # so that MNN does err
    source, model = save_checkpoint(tmp_path / "weights.safetensors", "static"), tmp_path / "model.mnn"
    export_mnn(source, model)
    net, _ = load_network(source)
    layers = [layer for layer in quantized_layers(net) if layer.kind == "conv"]
    wrong = np.int64(0)
    with Apart(model, partial(open_layers, names=[relu_name(layer) for layer in layers])) as run:
        for image in IMAGES[2:4]:
            codes: np.ndarray = image[None].astype(np.int64)
            for layer, output in zip(layers, run(image), strict=True):
                assert layer.output is not None
                module: Any = net.get_submodule(layer.name)
                sums = sums_of(layer, module, codes)
                expected = (depthwise_codes if module.groups > 1 else dense_codes)(layer, sums) + 128
                codes = np.rint(output / np.float32(layer.output.scale)).astype(np.int64)
                assert np.array_equal(codes.reshape(len(codes), -1), expected), layer.name
                exact = (sums + bias_steps(layer)[:, None]) * 128 / zero_steps(layer)[:, None]
                wrong += np.count_nonzero(np.clip(np.rint(exact), 0, 255) != expected)
    assert wrong


def relu_name(layer: QuantizedLayer) -> str:
    """ "backbone.blocks.1.2" as the exported graph calls it: "/backbone/blocks.1/blocks.1.2/Relu_output_0"."""
    stem, *block = layer.output_name.split(".")[1:]
    path = f"stem/stem.{block[0]}" if stem == "stem" else f"blocks.{block[0]}/blocks.{block[0]}.{block[1]}"
    return f"/backbone/{path}/Relu_output_0"
