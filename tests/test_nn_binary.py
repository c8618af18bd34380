"""Binary layers: their conventions, their gradients, and equality with the definition."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from torch import Tensor  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.nn.activation import RPReLU  # noqa: E402
from bitocr.lab.nn.binary import (  # noqa: E402
    BINARIZERS,
    Binarizer,
    BinaryConv2d,
    SignMinusOne,
    binarize_weight,
    bound_latents,
)
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.fused import negative_mask  # noqa: E402
from networks import complete  # noqa: E402


def sign(x: Tensor) -> Tensor:
    return torch.where(x >= 0, 1.0, -1.0)


def test_sign_of_zero_is_plus_one() -> None:
    x = torch.tensor([-2.0, -1e-30, -0.0, 0.0, 1e-30, 0.5, 3.0])
    for threshold in (0.0, -0.0):
        taken = SignMinusOne.apply(x[:, None, None, None], torch.full((1, 1, 1, 1), threshold), "poly", 1.0)
        assert taken.flatten().tolist() == [-2, -2, 0, 0, 0, 0, 0]
    assert binarize_weight(x[:, None, None, None], scale=False).flatten().tolist() == [-1, -1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_negative_mask(dtype: str) -> None:
    x = torch.randn(1000).to(getattr(torch, dtype))
    assert torch.equal(negative_mask(x) == -1, x < 0)


@pytest.mark.parametrize("binarizer", [pytest.param(b, id=name) for name, b in BINARIZERS.items()])
@pytest.mark.parametrize("kernel", [1, 3])
@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (2, 2)])
def test_convolution_is_that_of_signs_padded_with_ones(
    binarizer: Binarizer, kernel: int, stride: tuple[int, int]
) -> None:
    torch.manual_seed(0)
    conv = BinaryConv2d(32, 64, kernel, stride, "both", binarizer)
    conv.threshold.data.normal_(0, 0.3)
    x = torch.randn(2, 32, 8, 12)
    signs = sign(x + conv.threshold) if binarizer.learnable else sign(x)
    padded = F.pad(signs, (kernel // 2,) * 4, value=1.0)
    weight = sign(conv.weight)
    if binarizer.scale:
        weight = weight * conv.weight.abs().mean((1, 2, 3), keepdim=True)
    torch.testing.assert_close(conv(x), F.conv2d(padded, weight, None, stride), atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(
    ("gradient", "clip", "x", "expected"),
    [
        ("ste", 1.0, [-1.5, -0.5, 0.0, 0.9, 1.1], [0.0, 1.0, 1.0, 1.0, 0.0]),
        ("poly", 1.0, [-1.5, -0.5, 0.0, 0.75, 1.1], [0.0, 1.0, 2.0, 0.5, 0.0]),
        ("poly", 2.0, [-3.0, -1.0, 0.0, 1.0], [0.0, 0.5, 1.0, 0.5]),
    ],
)
def test_gradient_of_the_sign(gradient: str, clip: float, x: list[float], expected: list[float]) -> None:
    inputs = torch.tensor(x)[:, None, None, None].requires_grad_()
    threshold = torch.zeros(1, 1, 1, 1, requires_grad=True)
    SignMinusOne.apply(inputs, threshold, gradient, clip).sum().backward()
    assert inputs.grad is not None
    assert threshold.grad is not None
    torch.testing.assert_close(inputs.grad.flatten(), torch.tensor(expected))
    torch.testing.assert_close(threshold.grad.item(), sum(expected))


def test_gradient_of_weights_stops_beyond_the_clip() -> None:
    weight = torch.tensor([-1.5, -0.5, 0.5, 1.5])[:, None, None, None].requires_grad_()
    binarize_weight(weight, scale=False).sum().backward()
    assert weight.grad is not None
    assert weight.grad.flatten().tolist() == [0, 1, 1, 0]


@pytest.mark.parametrize(("stage", "expected"), [("both", [-1, -0.5, 1]), ("activations", [-3, -0.5, 2])])
def test_only_latent_weights_are_bounded(stage: str, expected: list[float]) -> None:
    conv = BinaryConv2d(3, 1, 1, stage=stage)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([-3, -0.5, 2]).view_as(conv.weight))
    bound_latents(torch.nn.Sequential(conv))
    assert conv.weight.flatten().tolist() == expected


def test_rprelu_is_prelu_and_a_shift() -> None:
    torch.manual_seed(0)
    rprelu = RPReLU(4)
    rprelu.slope.data.normal_()
    rprelu.shift.data.normal_()
    x = torch.randn(2, 4, 3, 5, requires_grad=True)
    expected = F.prelu(x, rprelu.slope.flatten()) + rprelu.shift
    torch.testing.assert_close(rprelu(x), expected)
    sources = (x, rprelu.slope, rprelu.shift)
    upstream = torch.randn_like(x)
    for ours, theirs in zip(
        torch.autograd.grad(rprelu(x), sources, upstream), torch.autograd.grad(expected, sources, upstream), strict=True
    ):
        torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("arch", ["bit_crnn", "mobilenet_crnn"])
@pytest.mark.parametrize("width", [16, 100, 444])
def test_networks_read_any_width(arch: str, width: int) -> None:
    net = build({"arch": arch}).eval()
    with torch.no_grad():
        assert net(torch.zeros(1, 1, 32, width)).shape == (1, width // 4, 96)


@pytest.mark.parametrize("stage", ["float", "activations", "both"])
def test_stages_share_one_state_dict(stage: str) -> None:
    net, start = build({"stage": stage}), build({"stage": "float"})
    net.load_state_dict(start.state_dict())
    net(torch.randn(2, 1, 32, 32)).sum().backward()
    for name, parameter in net.named_parameters():
        assert (parameter.grad is None) == (stage == "float" and "threshold" in name), name


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"arch": "vgg"}, "network.arch is one of bit_crnn, mobilenet_crnn, not 'vgg'"),
        ({"depth": 3}, "unknown key network.depth; a network has arch"),
        ({"neck": {"type": "gru"}}, "network.neck is {type: bilstm, hidden: 96} or {type: none}, not"),
        ({"binarizer": "dorefa"}, "network.binarizer is one of .* not 'dorefa'"),
        ({"stage": "half"}, "network.stage is one of .* not 'half'"),
        ({"blocks": [[80, [1, 2]]]}, "at most doubles"),
        ({"blocks": [[32, [2, 2]], [32, [1, 2]]]}, "may have one stride of 2 over the width"),
        ({"blocks": [[32, [2, 3]]]}, "strides of 1 or 2"),
        ({"blocks": [32, 64]}, "network.blocks is a list of"),
    ],
)
def test_wrong_configs_are_told(config: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        build(complete(config))
