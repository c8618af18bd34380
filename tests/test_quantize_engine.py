"""The quantized binary network: torch equals the engine on the exported file, bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import kernel_hooks  # noqa: E402
from bitocr.lab.config.quantize import Quantize  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.jobs.noise import layer_rows  # noqa: E402
from bitocr.lab.nn.quant.engine_lstm import exponential  # noqa: E402
from bitocr.lab.nn.quant.engine_numbers import activation_limit, fake_steps, step_codes  # noqa: E402
from bitocr.lab.nn.quant.ranges import calibrate_weights  # noqa: E402
from bitocr.lab.train.task import to_input  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import kernels  # noqa: E402
from bitocr.native.image import prepare  # noqa: E402
from checkpoints import lively  # noqa: E402
from conftest import CHARSET  # noqa: E402

BLOCKS = [[32, [1, 1]], [64, [2, 2]], [96, [2, 1]], [64, [1, 1]]]
BILSTM = {"stem": 32, "blocks": BLOCKS, "neck": {"type": "bilstm", "hidden": 24}, "classes": 96}
CONFIGS: dict[str, dict[str, Any]] = {
    "bilstm": BILSTM,
    "LSTM in 4 bits": {**BILSTM, "quantize": {"lstm": 4}},
    "bottleneck": {**BILSTM, "head": {"bottleneck": 16}},
    "none": {**BILSTM, "neck": {"type": "none"}},
    "three rows": {**BILSTM, "blocks": [[32, [1, 2]], [32, [2, 1]]], "binarizer": "bireal"},
}
WIDTHS = (16, 20, 100, 332)


def checkpoint(folder: Path, config: dict[str, Any]) -> Path:
    path = folder / "weights.safetensors"
    net = lively(config)
    calibrate_weights(net)
    save_weights(path, net, {"name": "lively", "network": config, "charset": CHARSET})
    return path


def prepared(width: int, seed: int = 0) -> np.ndarray:
    """A smooth picture, so that neighbouring pixels are correlated as in text."""
    return prepare(np.random.default_rng(seed).integers(0, 256, (8, width // 4), np.uint8), width)


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize("name", CONFIGS)
def test_torch_computes_what_the_engine_computes(tmp_path: Path, name: str, kernel: str) -> None:
    path = checkpoint(tmp_path, {"quantize": {}, **CONFIGS[name]})
    export_bit(path, tmp_path / "model.bit")
    net, _ = load_weights(path)
    model = (tmp_path / "model.bit").read_bytes()
    for width in WIDTHS:
        image = prepared(width)
        batch = to_input(torch.from_numpy(np.stack([image, prepared(width, 1)])[:, None]))
        with torch.no_grad():
            expected = net.mean(net.backbone(batch))[0].T.numpy()
            logits = net(batch)[0]
        features, log_probs = kernel_hooks.network(kernel, model, image, expected.shape, 96)
        np.testing.assert_array_equal(features, expected)
        np.testing.assert_allclose(log_probs, logits.log_softmax(-1).numpy(), atol=2e-5)
        # Logits are log-probabilities but for a number a step: what differs is that number's rounding.
        rest = log_probs - logits.numpy()
        assert float(np.ptp(rest, 1).max()) < 1e-5


def test_the_float_network_is_another(tmp_path: Path) -> None:
    """The test above would fail without quantization."""
    path = checkpoint(tmp_path, BILSTM)
    image = to_input(torch.from_numpy(prepared(100)[None, None]))
    with torch.no_grad():
        plain, exact = load_weights(path)[0](image), load_weights(path, quantize=Quantize())[0](image)
    assert float((plain - exact).abs().max()) > 1e-3


def test_4_bits_are_half_the_bytes_and_no_more_noise_than_4_bits_have(tmp_path: Path) -> None:
    for bits in (8, 4):
        path = checkpoint(tmp_path, {**BILSTM, "quantize": {"lstm": bits}})
        export_bit(path, tmp_path / f"{bits}.bit")
        rows = [row for row in layer_rows(load_weights(path)[0]) if row["kind"] == "lstm"]
        assert {row["bits"] for row in rows} == {bits}
        assert all(row["weight_db"] > 5 * bits - 5 for row in rows)
    sizes = [(tmp_path / f"{bits}.bit").stat().st_size for bits in (8, 4)]
    assert sizes[0] - sizes[1] == pytest.approx(4 * 24 * (64 + 24), abs=512)  # half a byte for each of 2 directions


@pytest.mark.parametrize("bits", [8, 4])
def test_training_sees_what_the_engine_computes(tmp_path: Path, bits: int) -> None:
    net, _ = load_weights(checkpoint(tmp_path, {**CONFIGS["bottleneck"], "quantize": {"lstm": bits}}))
    image = to_input(torch.from_numpy(prepared(100)[None, None]))
    with torch.no_grad():
        expected = net(image)
        stem = net.backbone.stem(image)  # type: ignore[operator, union-attr]
        # Not the blocks, whose batch norms take each batch's statistics in training.
        for part in (net.backbone.stem, net.neck, net.bottleneck, net.head):  # type: ignore[union-attr]
            part.train()  # type: ignore[union-attr, operator]
        assert torch.equal(net.backbone.stem(image), stem)  # type: ignore[operator, union-attr]
        torch.testing.assert_close(net(image), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("bits", [8, 4])
def test_gradients_reach_every_parameter(tmp_path: Path, bits: int) -> None:
    net, _ = load_weights(checkpoint(tmp_path, {**CONFIGS["bottleneck"], "quantize": {"lstm": bits}}))
    image = to_input(torch.from_numpy(np.stack([prepared(64, seed) for seed in range(4)])[:, None]))
    net.train()(image).square().sum().backward()
    without = [name for name, p in net.named_parameters() if p.grad is None or not bool(p.grad.any())]
    assert without == []


def test_activations_become_integers_without_overflow() -> None:
    for inputs in (1, 128, 512, 2048, 8192):
        limit = activation_limit(inputs)
        assert 127 * inputs * limit < 2**31
        assert limit == 32767 or 128 * inputs * (limit + 1) >= 2**31
    x = torch.tensor([[0.0, 0.0], [1.0, -0.25], [-3e-30, 1e-30]])
    codes, scale = step_codes(x, 100)
    assert codes.tolist() == [[0, 0], [100, -25], [-100, 33]]
    assert scale[0].tolist() == [0]
    torch.testing.assert_close(fake_steps(x[:2]), x[:2], rtol=1e-4, atol=0)


def test_exponential() -> None:
    x = torch.linspace(-87, 87, 10001)
    assert float((exponential(x).double() / x.double().exp() - 1).abs().max()) < 3e-7
    assert exponential(torch.tensor([0.0, -1e9])).tolist() == pytest.approx([1.0, float(np.exp(-87.0))])


def test_layers_of_a_binary_network(tmp_path: Path) -> None:
    net, _ = load_weights(checkpoint(tmp_path, CONFIGS["bottleneck"]), quantize=Quantize())
    rows = {row["name"]: row for row in layer_rows(net)}
    assert set(rows) == {
        "backbone.stem",
        "bottleneck",
        "head",
        *(name for name in rows if name.startswith("neck.lstm.")),
    }
    assert len(rows) == 7
    assert all(row["weight_db"] > 30 for row in rows.values())
