"""MNN's integer convolutions, operation by operation in float32, and layers adjusted so it makes (almost) no error.

With x the input's scale, w the weight's, y the output's and x0, y0 their zero points, MNN makes a code of a sum by

    over all channels   sum * w * (x / y) + ((bias - sum of weights * w * (x0 + 128) * x) / y + y0)
    depthwise           (sum + int(bias / (x * w)) + int(y0 / (w * (x / y)))) * (w * (x / y))

from left to right, clamped, and rounded with ties away from zero. On x86 the first sum is one of x + 128, and the term
behind it takes that off again. The numbers of steps in the second are cut off behind the point: 2.9999998 is 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bitocr.lab.export.near_ties import NUDGES, Floats, Integers, best, bias_steps, nudged, scales, zero_steps
from bitocr.lab.nn.quant.spec import QuantizedLayer

NUDGE = np.float32(2**-18)
"""By how much of a code a bias is moved; half the distance of float32 numbers from 64 on."""

OFFSET = 128
"""What is added to signed codes."""


def fitted(layer: QuantizedLayer, depthwise: bool) -> QuantizedLayer:
    """The layer with the scale and the bias from which MNN computes its codes."""
    if depthwise:
        return best(layer, depthwise_candidates(layer), depthwise_codes)
    return best(layer, dense_candidates(layer), dense_codes)


def zero_points(layer: QuantizedLayer) -> tuple[int, int]:
    """Of the input and of the output."""
    assert layer.input is not None
    assert layer.output is not None
    return layer.input.zero_point, layer.output.zero_point


def rounded(values: Floats, layer: QuantizedLayer) -> Integers:
    """Codes of the output, signed."""
    assert layer.output is not None
    values = np.clip(values, np.float32(layer.output.low), np.float32(layer.output.high))
    return np.trunc(values + np.copysign(np.float32(0.5), values)).astype(np.int64)


def dense_codes(layer: QuantizedLayer, sums: Integers) -> Integers:
    """MNN's codes for sums [rows, cases] of a convolution over all channels, without bias and zero points."""
    assert layer.bias is not None
    (before, behind), (zero_in, zero_out) = scales(layer), zero_points(layer)
    weights = layer.codes.reshape(len(layer.codes), -1).sum(1, dtype=np.int64)
    offset = weights.astype(np.float32) * layer.scale * np.float32(zero_in + OFFSET) * before
    bias = (layer.bias - offset) / behind + np.float32(zero_out)
    shifted = (sums + ((zero_in + OFFSET) * weights)[:, None]).astype(np.float32)
    return rounded(shifted * layer.scale[:, None] * (before / behind) + bias[:, None], layer)


def dense_candidates(layer: QuantizedLayer) -> Iterator[QuantizedLayer]:
    assert layer.bias is not None
    for candidate in nudged(layer):
        for nudge in NUDGES:
            yield replace(candidate, bias=layer.bias + np.float32(nudge) * NUDGE * scales(layer)[1])


def depthwise_codes(layer: QuantizedLayer, sums: Integers) -> Integers:
    """MNN's codes for sums [rows, cases] of a depthwise convolution."""
    assert layer.bias is not None
    before, behind = scales(layer)
    factor = layer.scale * (before / behind)
    steps = np.trunc(layer.bias / (before * layer.scale)) + np.trunc(np.float32(zero_points(layer)[1]) / factor)
    return rounded((sums + steps.astype(np.int64)[:, None]).astype(np.float32) * factor[:, None], layer)


def depthwise_candidates(layer: QuantizedLayer) -> Iterator[QuantizedLayer]:
    for candidate in nudged(layer):
        yield replace(candidate, bias=depthwise_bias(candidate))


def depthwise_bias(layer: QuantizedLayer) -> Floats:
    """The bias of which MNN makes the layer's steps, and the step more or less that the zero point's number is off."""
    before, behind = scales(layer)
    cut = np.trunc(np.float32(zero_points(layer)[1]) / (layer.scale * (before / behind)))
    steps = bias_steps(layer) - zero_steps(layer) - cut.astype(np.int64)
    return ((steps + np.sign(steps) / 2) * before * layer.scale).astype(np.float32)  # half a step from the next number
