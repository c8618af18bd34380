"""The engine's LSTM where its sums are largest."""

from __future__ import annotations

import numpy as np
import pytest

import kernel_hooks as hooks
import reference
from bitocr.native.engine import kernels


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize(("inputs", "units"), [(1024, 8), (8, 1024)])
@pytest.mark.parametrize("sign", [1, -1])
def test_no_sum_overflows(kernel: str, inputs: int, units: int, sign: int) -> None:
    """All inputs, states and weights are as large as possible."""
    ih, hh = np.full((4 * units, inputs), 127, np.int8), np.full((4 * units, units), 127, np.int8)
    scale_ih, scale_hh = (np.full(4 * units, 10 / 127 / n, np.float32) for n in (inputs, units))
    x, bias = np.full((3, inputs), sign, np.float32), np.full(4 * units, 5, np.float32)
    expected = reference.lstm(x, ih * scale_ih[:, None], hh * scale_hh[:, None], bias)
    assert np.abs(hooks.lstm(kernel, x, ih, hh, scale_ih, scale_hh, bias) - expected).max() < 1e-4
