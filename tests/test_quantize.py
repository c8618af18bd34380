"""Fake quantization: its numbers, its ranges, and whether the exporter's description equals the network's results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.quantize import Quantize  # noqa: E402
from bitocr.lab.jobs.noise import decibels, layer_rows, output_noise, parameter_bytes  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.quant.fake import ActivationQuantizer, FakeQuantize, WeightQuantizer  # noqa: E402
from bitocr.lab.nn.quant.layers import QuantReLU  # noqa: E402
from bitocr.lab.nn.quant.observers import BINS, OBSERVERS  # noqa: E402
from bitocr.lab.nn.quant.ranges import activation_quantizers, calibrate, is_calibrated  # noqa: E402
from bitocr.lab.nn.quant.recurrent import DynamicQuantizer  # noqa: E402
from bitocr.lab.nn.quant.spec import IMAGE, QuantizedLayer, Range, float_copy, quantized_layers  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from conftest import CHARSET  # noqa: E402
from networks import complete  # noqa: E402

NECK = {"type": "bilstm", "hidden": 8}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [2, 2]], [32, [2, 1]]], "neck": NECK, "classes": 96}
FLOAT = {"stem": 8, "blocks": [[8, [2, 2]], [16, [2, 1]]], "neck": NECK, "classes": 96, "stage": "float"}


def lively(config: dict[str, Any]) -> CRNN:
    """A float network in eval mode whose norms and biases differ from their initial values."""
    torch.manual_seed(0)
    net = build({key: value for key, value in config.items() if key != "quantize"})
    for name, parameter in net.named_parameters():
        if parameter.ndim == 1 and ".lstm" not in name:
            parameter.data.uniform_(0.5, 1.5)
    for name, buffer in net.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    return net.eval()


def pixels(seed: int, n: int = 4, width: int = 48) -> Tensor:
    """Images like those of `bitocr.native.image.prepare`, float [n, 1, 32, width]."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-127, 128, (n, 1, 32, width), generator=generator).float() / 32


def quantized(tmp_path: Path, config: dict[str, Any], **quantize: Any) -> tuple[CRNN, CRNN]:
    """The float network of a checkpoint, and the same network quantized and calibrated."""
    path = tmp_path / "float.safetensors"
    save_weights(path, lively(config), {"network": config, "charset": CHARSET})
    net, _ = load_weights(path, quantize=Quantize(**quantize))
    calibrate(net, [pixels(seed) for seed in range(3)])
    return load_weights(path)[0], net


def test_numbers_and_gradients_of_fake_quantization() -> None:
    x = torch.tensor([-9.0, -0.75, 0.25, 0.74, 1.25, 9.0], requires_grad=True)
    scale = torch.tensor(0.5, requires_grad=True)
    y = FakeQuantize.apply(x, scale, -4, 3)
    assert y.tolist() == [-2.0, -1.0, 0.0, 0.5, 1.0, 1.5]  # ties to even: -1.5 -> -2, 0.5 -> 0, 2.5 -> 2
    y.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [0, 1, 1, 1, 1, 0]
    assert float(scale.grad) == pytest.approx(-4 + (-2 + 1.5) + (0 - 0.5) + (1 - 1.48) + (2 - 2.5) + 3)  # type: ignore[arg-type]


@pytest.mark.parametrize("bits", [8, 4])
def test_weights_have_a_scale_for_each_row(bits: int) -> None:
    torch.manual_seed(0)
    weight = torch.randn(5, 3, 3, 3) * torch.tensor([1e-3, 1, 1e3, 1, 0]).view(-1, 1, 1, 1)
    weight[1, 0, 0, 0] = 20  # an outlier, worth to be clipped with 4 bits
    quantizer = WeightQuantizer(bits, 5)
    limit = 2 ** (bits - 1) - 1
    before = (quantizer(weight) - weight).square().sum((1, 2, 3))
    assert quantizer.codes(weight).flatten(1).abs().amax(1).tolist() == [limit] * 4 + [0]
    quantizer.calibrate(weight)
    after = (quantizer(weight) - weight).square().sum((1, 2, 3))
    assert bool((after <= before * 1.0001).all())
    assert len(list(quantizer.parameters())) == (bits == 4)
    exact = quantizer.codes(weight) * quantizer.scale(weight).view(-1, 1, 1, 1)
    assert torch.equal(exact.detach(), quantizer(weight).detach())


@pytest.mark.parametrize(("signed", "zero_point"), [(True, 0), (False, -128)])
def test_codes_of_activations_are_those_of_the_range(signed: bool, zero_point: int) -> None:
    quantizer = ActivationQuantizer(8, signed, "learned")
    x = torch.linspace(-3, 3, 1001) if signed else torch.linspace(0, 3, 1001)
    assert quantizer(x) is x  # not calibrated yet
    quantizer.set_largest(2.0)
    span = Range(float(quantizer.scale().detach()), quantizer.zero_point)
    assert (span.zero_point, span.low, span.high) == (zero_point, -128, 127)
    codes = np.clip(np.rint(x.numpy() / np.float32(span.scale)) + zero_point, span.low, span.high)
    np.testing.assert_allclose(quantizer(x).detach(), (codes - zero_point) * span.scale, rtol=1e-6)
    assert float(quantizer(x).detach().max()) == pytest.approx(2.0)


def test_ranges_are_learned_or_follow_the_batches() -> None:
    learned, average = (ActivationQuantizer(8, False, ranges) for ranges in ("learned", "average"))
    for quantizer in (learned, average):
        quantizer.set_largest(1.0)
    x = torch.full((4, 4), 3.0)
    learned(x).sum().backward()
    assert isinstance(learned.log_scale, nn.Parameter)
    assert float(learned.log_scale.grad) == pytest.approx(16)  # type: ignore[arg-type]  # 255 * scale for each of 16
    assert not list(average.parameters())
    average.eval()(x)
    assert float(average.scale()) * 255 == pytest.approx(1.0)
    average.train()(x)
    assert float(average.scale()) * 255 == pytest.approx(1.0 + 0.05 * 2.0)


def test_dynamic_ranges_are_those_of_onnx() -> None:
    onnx = pytest.importorskip("onnx")
    reference = pytest.importorskip("onnx.reference")
    make = onnx.helper
    nodes = [
        make.make_node("DynamicQuantizeLinear", ["x"], ["codes", "scale", "zero"]),
        make.make_node("DequantizeLinear", ["codes", "scale", "zero"], ["y"]),
    ]
    kind = onnx.TensorProto.FLOAT
    values = [make.make_tensor_value_info(name, kind, [None, None]) for name in ("x", "y")]
    session = reference.ReferenceEvaluator(make.make_model(make.make_graph(nodes, "g", values[:1], values[1:])))
    for low, high in ((-1, 3), (0.5, 2), (-5, -1)):
        x = torch.linspace(low, high, 60).view(6, 10)
        np.testing.assert_allclose(DynamicQuantizer()(x), session.run(None, {"x": x.numpy()})[0], atol=1e-6)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("minmax", 100.0, 100.0), ("percentile", 4.0, 30.0), ("entropy", 4.0, 60.0)]
)
def test_observers_and_an_outlier(name: str, least: float, most: float) -> None:
    values = np.append(np.abs(np.random.default_rng(0).normal(0, 1.5, 100_000)), 100.0)
    counts = np.histogram(values, BINS, (0, 100.0))[0].astype(float)
    assert least <= OBSERVERS[name](counts, 100.0, 256) <= most


@pytest.mark.parametrize("name", OBSERVERS)
def test_observers_of_nothing_and_of_one_value(name: str) -> None:
    counts = np.zeros(BINS)
    assert 0 <= OBSERVERS[name](counts, 0.0, 256) <= 1
    counts[-1] = 5
    assert OBSERVERS[name](counts, 2.0, 256) == pytest.approx(2.0)


def integers(net: CRNN, images: Tensor) -> dict[str, Tensor]:
    """A MobileNet's ReLU outputs by name, computed with the exporter's integers."""
    codes = (images / IMAGE.scale).round().double()
    found = {}
    for layer in quantized_layers(net):
        if layer.kind != "conv":
            continue
        assert layer.input is not None
        assert layer.output is not None
        assert layer.bias is not None
        module: Any = net.get_submodule(layer.name)
        weight = torch.from_numpy(layer.codes).double()
        reads = codes - layer.input.zero_point
        sums = nn.functional.conv2d(reads, weight, None, module.stride, module.padding, 1, module.groups)
        step = torch.from_numpy(layer.scale).double() * layer.input.scale
        bias = (torch.from_numpy(layer.bias) / step).round()
        torch.testing.assert_close(bias * step, torch.from_numpy(layer.bias).double(), rtol=1e-5, atol=1e-7)
        y = ((sums + bias.view(1, -1, 1, 1)) * step.view(1, -1, 1, 1)).clamp(min=0)
        codes = (y / layer.output.scale).round() + layer.output.zero_point
        codes = codes.clamp(layer.output.low, layer.output.high)
        found[layer.output_name] = (codes - layer.output.zero_point) * layer.output.scale
    return found


# In eval mode it computes with integers; in training float32 rounds their sums, and a few become the next code.
@pytest.mark.parametrize(
    ("bits", "training", "share"), [(8, False, 0), (4, False, 0), (8, True, 2e-3), (4, True, 2e-3)]
)
def test_the_exporters_integers_give_what_the_network_computes(
    tmp_path: Path, bits: int, training: bool, share: float
) -> None:
    _, net = quantized(tmp_path, MOBILE, weights=bits, edges=bits, lstm=bits)
    net.train(training)
    relus = {name: module for name, module in net.named_modules() if isinstance(module, QuantReLU)}
    seen: dict[str, Tensor] = {}
    for name, module in relus.items():
        module.register_forward_hook(lambda _, __, output, name=name: seen.update({name: output}))
    images = pixels(7)
    with torch.no_grad():
        net(images)
    expected = integers(net, images)
    assert set(expected) == set(relus)
    for name, module in relus.items():
        steps = (seen[name].double() - expected[name]).abs() / module.output.scale().item()
        assert float(steps.max()) < 1.01
        assert float((steps > 0.01).double().mean()) <= share


@pytest.mark.parametrize("config", [MOBILE, FLOAT], ids=["mobile", "float"])
def test_the_float_copy_has_the_same_weights(tmp_path: Path, config: dict[str, Any]) -> None:
    exact, net = quantized(tmp_path, config)
    for quantizer in activation_quantizers(net):
        quantizer.calibrated.fill_(False)
    copy, images = float_copy(net), pixels(8)
    plain = {type(module) for module in copy.modules()}
    assert not any("Quant" in kind.__name__ or "Folded" in kind.__name__ for kind in plain)
    assert {name for name, _ in copy.named_modules()} <= {name for name, _ in net.named_modules()}
    with torch.no_grad():
        torch.testing.assert_close(copy(images), net(images), rtol=1e-4, atol=1e-4)
        assert not torch.allclose(copy(images), exact(images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("quantize", [{}, {"weights": 4, "ranges": "average"}, {"scheme": "dynamic"}], ids=str)
@pytest.mark.parametrize("config", [MOBILE, FLOAT], ids=["mobile", "float"])
def test_quantized_networks_are_close_to_the_float_one_and_stored_exactly(
    tmp_path: Path, config: dict[str, Any], quantize: dict[str, Any]
) -> None:
    exact, net = quantized(tmp_path, config, **quantize)
    images = pixels(9)
    noise = output_noise(exact, net, [images])
    assert set(noise) >= {"neck", "head"}
    assert all(value is None or value > (10 if "weights" in quantize else 20) for value in noise.values())
    assert noise["head"] is not None
    save_weights(tmp_path / "int.safetensors", net, {"network": {**config, "quantize": quantize}, "charset": CHARSET})
    stored, card = load_weights(tmp_path / "int.safetensors")
    assert card["network"]["quantize"] == quantize
    assert torch.equal(stored(images), net(images))
    assert parameter_bytes(stored) < parameter_bytes(exact)
    assert sum(row["bytes"] for row in layer_rows(stored)) < 0.5 * sum(row["float_bytes"] for row in layer_rows(stored))
    # And back: a quantized checkpoint is a float one whose ranges are not looked at.
    back, _ = load_weights(tmp_path / "int.safetensors", quantize=None)
    torch.testing.assert_close(back(images), exact(images))


def test_what_is_not_calibrated_is_not_exported() -> None:
    net = build({**MOBILE, "quantize": {}})
    assert not is_calibrated(net)
    with pytest.raises(UsageError, match="calibrate the network on images first"):
        quantized_layers(net)
    with pytest.raises(UsageError, match="without quantized layers"):
        quantized_layers(build(MOBILE))
    with pytest.raises(UsageError, match="no images to calibrate on"):
        calibrate(net, [])
    with pytest.raises(UsageError, match="observer is one of minmax"):
        calibrate(net, [pixels(0)], "median")
    net.backbone.stem[1].weight.data.fill_(float("nan"))  # type: ignore[union-attr, index]
    with pytest.raises(UsageError, match="not finite"):
        calibrate(net, [pixels(0)])


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**MOBILE, "quantize": 8}, "network.quantize is a mapping"),
        ({**MOBILE, "quantize": {"bits": 8}}, "unknown key network.quantize.bits"),
        ({**MOBILE, "quantize": {"weights": 3}}, "quantize.weights is one of 4, 8, not 3"),
        ({**MOBILE, "quantize": {"weights": [8]}}, "quantize.weights is one of 4, 8"),
        ({**MOBILE, "quantize": {"ranges": "guessed"}}, "quantize.ranges is one of average, learned"),
        ({**MOBILE, "quantize": {"scheme": "engine"}}, "static or dynamic for a float network"),
        ({**FLOAT, "stage": "activations", "quantize": {}}, "on its way to a binary one"),
        ({**FLOAT, "stage": "both", "quantize": {"scheme": "static"}}, "engine for a binary network"),
        ({**FLOAT, "stage": "both", "quantize": {"edges": 4}}, "have 8 bits"),
    ],
)
def test_wrong_configs_are_told(config: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        complete(config)


def test_configs_without_quantization_stay_as_they_are() -> None:
    assert "quantize" not in complete(MOBILE)
    assert complete({**MOBILE, "quantize": None}) == complete(MOBILE)
    assert complete({**MOBILE, "quantize": {}})["quantize"]["scheme"] == "static"


def test_a_layer_knows_its_weight() -> None:
    codes, scale = np.array([[127, -3], [0, 5]], np.int8), np.array([0.5, 2], np.float32)
    layer = QuantizedLayer("head", "linear", 8, codes, scale, None, None, None, "head")
    assert layer.weight.tolist() == [[63.5, -1.5], [0, 10]]


@pytest.mark.parametrize(("signal", "noise", "expected"), [(100.0, 1.0, 20.0), (1.0, 0.0, None), (0.0, 1.0, None)])
def test_decibels(signal: float, noise: float, expected: float | None) -> None:
    assert decibels(signal, noise) == expected
