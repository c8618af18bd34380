"""Repeats MNN's integer convolutions operation by operation in float32, and adjusts layers to (almost) avoid errors.

Let x be the scale of the input, w of the weight, y of the output, and x0, y0 the zero points. MNN turns a sum into a
code by

    over all channels   sum * w * (x / y) + ((bias - sum of weights * w * (x0 + 128) * x) / y + y0)
    depthwise           (sum + int(bias / (x * w)) + int(y0 / (w * (x / y)))) * (w * (x / y))

from left to right; then it clamps and rounds, with ties away from zero. On x86 the first sum is over x + 128, and the
next term subtracts that again. int() truncates: 2.9999998 becomes 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from bitocr.lab.export.near_ties import NUDGES, Floats, Integers, best, bias_steps, nudged, scales, zero_steps
from bitocr.lab.nn.quant.spec import QuantizedLayer

NUDGE = np.float32(2**-18)
"""The shift of a bias, in codes: half the distance between float32 numbers from 64 on."""

OFFSET = 128
"""The offset added to signed codes."""


def fitted(layer: QuantizedLayer, depthwise: bool) -> QuantizedLayer:
    """The layer with a scale and bias from which MNN computes the layer's codes."""
    if depthwise:
        return best(layer, depthwise_candidates(layer), depthwise_codes)
    return best(layer, dense_candidates(layer), dense_codes)


def zero_points(layer: QuantizedLayer) -> tuple[int, int]:
    """The zero points of input and output."""
    assert layer.input is not None
    assert layer.output is not None
    return layer.input.zero_point, layer.output.zero_point


def rounded(values: Floats, layer: QuantizedLayer) -> Integers:
    """Clamps and rounds values to signed codes of the output."""
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
    """A bias that MNN converts to the layer's steps, corrected by the step that MNN's zero point may be off."""
    before, behind = scales(layer)
    cut = np.trunc(np.float32(zero_points(layer)[1]) / (layer.scale * (before / behind)))
    steps = bias_steps(layer) - zero_steps(layer) - cut.astype(np.int64)
    return ((steps + np.sign(steps) / 2) * before * layer.scale).astype(np.float32)  # half a step away from truncation
