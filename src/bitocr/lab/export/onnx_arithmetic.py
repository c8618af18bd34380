"""Repeats ONNX Runtime's integer convolutions in float32, and adjusts layers to (almost) avoid errors.

Let x be the scale of the input, w of the weight, and y of the output. ONNX Runtime turns a sum (including the bias)
into a code by sum * (x * w / y), rounded with ties to even.
"""

from __future__ import annotations

import numpy as np

from bitocr.lab.export.near_ties import Integers, best, bias_steps, nudged, scales
from bitocr.lab.nn.quant.spec import QuantizedLayer


def fitted(layer: QuantizedLayer) -> QuantizedLayer:
    """The layer with a scale from which ONNX Runtime computes the layer's codes."""
    return best(layer, nudged(layer), conv_codes)


def conv_codes(layer: QuantizedLayer, sums: Integers) -> Integers:
    """ONNX Runtime's signed codes for sums [rows, cases]."""
    assert layer.output is not None
    before, behind = scales(layer)
    factor = before * layer.scale / behind
    totals = (sums + bias_steps(layer)[:, None]).astype(np.float32)
    codes = np.rint(totals * factor[:, None]).astype(np.int64) + layer.output.zero_point
    return np.clip(codes, layer.output.low, layer.output.high)
