"""Finds scales and biases with which a runtime's float32 gives the same codes as exact arithmetic.

An integer convolution's sum becomes a code in a few float32 operations, which are some 1e-5 of a code off. Where the
output's zero point is an odd number of steps (`bitocr.lab.nn.quant.requantize`), only few sums of a row lie so near
to a tie of two codes that this matters, and they can be told in advance. So it is tried what a runtime makes of them
with the float32 numbers next to the scale and the bias. Those are taken with which all of them become the right code,
or all but some large ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bitocr.lab.nn.quant.spec import QuantizedLayer

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

NUDGES = sorted(range(-3, 4), key=abs)
"""By how many of the next numbers a scale is moved, the nearest first."""

DISTANCES = np.array([1, -1, 3, -3, 5, -5, 7, -7])
"""From a tie, in halves of 1 / zero point of a code."""


def scales(layer: QuantizedLayer) -> tuple[np.float32, np.float32]:
    """Of the input and of the output."""
    assert layer.input is not None
    assert layer.output is not None
    return np.float32(layer.input.scale), np.float32(layer.output.scale)


def zero_steps(layer: QuantizedLayer) -> Integers:
    """The number of steps from the output's zero point to code 0 [rows]: odd and positive.

    The nearest odd one, as in `requantize`: of a row of zeros there are so many that float32 cannot tell them apart.
    """
    assert layer.output is not None
    before, behind = scales(layer)
    step = float(before) * layer.scale.astype(np.float64)
    steps = -layer.output.zero_point * float(behind) / step
    return np.maximum(2 * np.rint((steps - 1) / 2) + 1, 1).astype(np.int64)


def bias_steps(layer: QuantizedLayer) -> Integers:
    """The bias in steps [rows]."""
    assert layer.bias is not None
    return np.rint(layer.bias / (layer.scale * scales(layer)[0])).astype(np.int64)


def near_ties(layer: QuantizedLayer) -> tuple[Integers, Integers]:
    """The sums next to ties, bias included, and the codes above the zero point that they are: [rows, cases] each.

    A tie has sum = (2 code + 1) zero / 2^bits. The sum next to it has 2^bits sum = (2 code + 1) zero + distance, which
    there is for two codes of a row: (2 code + 1) zero = -distance, modulo 2^bits.
    """
    assert layer.output is not None
    modulus, zero = 2**layer.output.bits, zero_steps(layer)
    inverse = np.array([pow(odd, -1, modulus) for odd in range(1, modulus, 2)])[zero % modulus // 2]
    first = (-DISTANCES * inverse[:, None] % modulus - 1) // 2
    below, distances = np.concatenate([first, first + modulus // 2], 1), np.tile(DISTANCES, 2)
    sums = ((2 * below + 1) * zero[:, None] + distances) // modulus
    return sums, np.minimum(below + (distances > 0), modulus - 1)


def nudged(layer: QuantizedLayer) -> Iterator[QuantizedLayer]:
    """The layer with scales that are the next float32 numbers, itself first."""
    for nudge in NUDGES:
        yield replace(layer, scale=(layer.scale + nudge * np.spacing(layer.scale)).astype(np.float32))


def best(
    layer: QuantizedLayer,
    candidates: Iterable[QuantizedLayer],
    codes_of: Callable[[QuantizedLayer, Integers], Integers],
) -> QuantizedLayer:
    """The layer, each row with the scale and the bias of the candidate that errs least.

    Args:
        codes_of: what the runtime makes of sums [rows, cases], bias not included: codes, signed. A wrong code counts
            the more, the smaller it is: small ones are frequent.
    """
    assert layer.output is not None
    tried = list(candidates)
    totals, codes = near_ties(layer)
    sums, expected = totals - bias_steps(layer)[:, None], codes + layer.output.zero_point
    errors = [((codes_of(candidate, sums) != expected) / (1 + codes)).sum(1) for candidate in tried]
    chosen, rows = np.argmin(errors, 0), np.arange(len(layer.scale))
    scale, bias = (np.stack([getattr(candidate, name) for candidate in tried]) for name in ("scale", "bias"))
    return replace(layer, scale=scale[chosen, rows], bias=bias[chosen, rows])
