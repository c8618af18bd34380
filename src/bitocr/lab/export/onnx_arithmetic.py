"""ONNX Runtime's integer convolutions in float32, and layers adjusted so that it makes (almost) no error.

With x the input's scale, w the weight's and y the output's, it makes a code of a sum, bias included, by
sum * (x * w / y), rounded with ties to even.
"""

from __future__ import annotations

import numpy as np

from bitocr.lab.export.near_ties import Integers, best, bias_steps, nudged, scales
from bitocr.lab.nn.quant.spec import QuantizedLayer


def fitted(layer: QuantizedLayer) -> QuantizedLayer:
    """The layer with the scale from which ONNX Runtime computes its codes."""
    return best(layer, nudged(layer), conv_codes)


def conv_codes(layer: QuantizedLayer, sums: Integers) -> Integers:
    """ONNX Runtime's signed codes for sums [rows, cases]."""
    assert layer.output is not None
    before, behind = scales(layer)
    factor = before * layer.scale / behind
    totals = (sums + bias_steps(layer)[:, None]).astype(np.float32)
    codes = np.rint(totals * factor[:, None]).astype(np.int64) + layer.output.zero_point
    return np.clip(codes, layer.output.low, layer.output.high)
