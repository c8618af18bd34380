"""Sums next to ties of two codes: finding them, and right codes for them in the float32 of every runtime."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.export import mnn_arithmetic, onnx_arithmetic  # noqa: E402
from bitocr.lab.export.near_ties import DISTANCES, bias_steps, near_ties, zero_steps  # noqa: E402
from bitocr.lab.nn.quant.fake import ActivationQuantizer, row_scale  # noqa: E402
from bitocr.lab.nn.quant.requantize import ConvQuantizer  # noqa: E402
from bitocr.lab.nn.quant.spec import QuantizedLayer, Range  # noqa: E402

ROWS = 64


def quantizer(largest: float) -> ActivationQuantizer:
    """The range of a ReLU whose outputs go up to `largest`."""
    made = ActivationQuantizer(8, False, "learned")
    made.set_largest(largest)
    return made


def conv(inputs: int) -> QuantizedLayer:
    """A 3x3 integer convolution with scales as from training."""
    torch.manual_seed(0)
    before, behind, weight = quantizer(7.0), quantizer(5.0), torch.randn(ROWS, inputs, 3, 3) / 10
    made = ConvQuantizer(8, ROWS, before, behind)
    scale = made.scale(weight).detach()
    step = scale * before.scale().detach()
    bias = (torch.randn(ROWS) / step).round() * step
    reads, writes = (Range(item.scale().item(), -128) for item in (before, behind))
    codes = made.codes(weight).numpy()
    return QuantizedLayer("conv", "conv", 8, codes, scale.numpy(), bias.numpy(), reads, writes, "relu")


def test_the_zero_point_is_an_odd_number_of_steps() -> None:
    before, behind = quantizer(7.0), quantizer(5.0)
    made, weight = ConvQuantizer(8, ROWS, before, behind), torch.randn(ROWS, 8, 3, 3)
    weight[0], weight[1] = 0, weight[1] * 1e-6
    scale = made.scale(weight).detach().double()
    zero = (128 * behind.scale().double() / (scale * before.scale().double())).detach()
    assert float((zero[2:] % 2 - 1).abs().max()) < 0.01
    rule = row_scale(weight).double()
    assert float(((scale / rule)[2:] - 1).abs().max()) < 2 / float(zero.min())
    assert float(scale[:2].min()) > 1e-6  # or MNN takes another one
    behind.calibrated.fill_(False)
    assert torch.equal(made.scale(weight)[2:], row_scale(weight)[2:])


def test_sums_near_ties() -> None:
    layer = conv(1)
    sums, codes = near_ties(layer)
    assert sums.shape == (ROWS, 2 * len(DISTANCES))
    for zero, row, expected in zip(zero_steps(layer)[:8], sums[:8], codes[:8], strict=True):
        assert zero % 2 == 1
        exact = [Fraction(128 * int(total), int(zero)) for total in row]
        assert [min(round(value), 255) for value in exact] == expected.tolist()
        distances = {abs(value - int(value) - Fraction(1, 2)) * 2 * int(zero) for value in exact}
        assert distances == {1, 3, 5, 7}
        # There is no sum between: all others up to the largest code are further from a tie.
        near = 256 * np.arange(256 * int(zero) // 128) % (2 * int(zero)) - int(zero)
        assert np.count_nonzero(np.abs(near) < 9) in (len(row) - 1, len(row), len(row) + 1)


@pytest.mark.parametrize("scale", [2e-6, 2.0000002e-6, 2.000001e-6])  # next to odd and to even zero points
def test_a_row_of_zeros_has_its_bias_as_its_code(scale: float) -> None:
    layer = conv(1)
    assert layer.bias is not None
    assert layer.output is not None
    layer.codes[0], layer.scale[0] = 0, scale
    layer.bias[0] = code = 3 * layer.output.scale
    with np.errstate(all="raise"):
        fitted = [
            mnn_arithmetic.fitted(layer, True),
            mnn_arithmetic.fitted(layer, False),
            onnx_arithmetic.fitted(layer),
        ]
    nothing = np.zeros((ROWS, 1), np.int64)
    found = [
        mnn_arithmetic.depthwise_codes(fitted[0], nothing),
        mnn_arithmetic.dense_codes(fitted[1], nothing),
        onnx_arithmetic.conv_codes(fitted[2], nothing),
    ]
    assert [int(codes[0, 0]) for codes in found] == [3 - 128] * 3
    assert [item.bias is not None and item.bias[0] for item in fitted] == pytest.approx([code] * 3, rel=1e-5)


@pytest.mark.parametrize(("name", "inputs", "times"), [("depthwise", 1, 20), ("dense", 64, 10), ("onnx", 64, 1)])
def test_fitted_layers_make_the_right_codes(name: str, inputs: int, times: int) -> None:
    layer = conv(inputs)
    codes_of, fitted = {
        "depthwise": (mnn_arithmetic.depthwise_codes, mnn_arithmetic.fitted(layer, depthwise=True)),
        "dense": (mnn_arithmetic.dense_codes, mnn_arithmetic.fitted(layer, depthwise=False)),
        "onnx": (onnx_arithmetic.conv_codes, onnx_arithmetic.fitted(layer)),
    }[name]
    sums, codes = near_ties(layer)
    before, after = (codes_of(made, sums - bias_steps(layer)[:, None]) + 128 != codes for made in (layer, fitted))
    assert before.sum() > times * after.sum()
    assert not (after & (codes < 64)).any()  # of the frequent ones none is wrong
    np.testing.assert_allclose(fitted.scale, layer.scale, rtol=5e-7)
    assert np.array_equal(fitted.codes, layer.codes)
