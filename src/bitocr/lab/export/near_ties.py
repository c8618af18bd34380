"""Finds scales and biases for which a runtime's float32 gives the same codes as exact arithmetic.

A runtime turns the sum of an integer convolution into a code by a few float32 operations, with an error of about 1e-5
of a code. If the output's zero point is an odd number of steps (`bitocr.lab.nn.quant.requantize`), only a few sums per
row lie so close to a tie of two codes that this matters, and we can compute them. So we try the float32 numbers next to
the scale and the bias, and take those for which the runtime gives the right codes for all of these sums, or for all
except a few large ones.
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
"""How many float32 numbers to move a scale by, the nearest first."""

DISTANCES = np.array([1, -1, 3, -3, 5, -5, 7, -7])
"""The distances from a tie, in halves of 1 / zero point of a code."""


def scales(layer: QuantizedLayer) -> tuple[np.float32, np.float32]:
    """The scales of input and output."""
    assert layer.input is not None
    assert layer.output is not None
    return np.float32(layer.input.scale), np.float32(layer.output.scale)


def zero_steps(layer: QuantizedLayer) -> Integers:
    """The number of steps from the output's zero point to code 0 [rows]: odd and positive.

    Takes the nearest odd number, as `requantize` does: for a row of zeros it is too large for float32 to be exact.
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
    """The sums next to ties, including the bias, and their codes above the zero point: [rows, cases] each.

    At a tie, sum = (2 code + 1) zero / 2^bits. For a sum next to it, 2^bits sum = (2 code + 1) zero + distance, which
    two codes per row fulfil: (2 code + 1) zero = -distance, modulo 2^bits.
    """
    assert layer.output is not None
    modulus, zero = 2**layer.output.bits, zero_steps(layer)
    inverse = np.array([pow(odd, -1, modulus) for odd in range(1, modulus, 2)])[zero % modulus // 2]
    first = (-DISTANCES * inverse[:, None] % modulus - 1) // 2
    below, distances = np.concatenate([first, first + modulus // 2], 1), np.tile(DISTANCES, 2)
    sums = ((2 * below + 1) * zero[:, None] + distances) // modulus
    return sums, np.minimum(below + (distances > 0), modulus - 1)


def nudged(layer: QuantizedLayer) -> Iterator[QuantizedLayer]:
    """The layer itself, then with its scales moved to the next float32 numbers."""
    for nudge in NUDGES:
        yield replace(layer, scale=(layer.scale + nudge * np.spacing(layer.scale)).astype(np.float32))


def best(
    layer: QuantizedLayer,
    candidates: Iterable[QuantizedLayer],
    codes_of: Callable[[QuantizedLayer, Integers], Integers],
) -> QuantizedLayer:
    """The layer with, in each row, the scale and bias of the candidate with the least error.

    Args:
        codes_of: gives the runtime's signed codes for sums [rows, cases] without bias. Errors in small codes, which
            are frequent, weigh more.
    """
    assert layer.output is not None
    tried = list(candidates)
    totals, codes = near_ties(layer)
    sums, expected = totals - bias_steps(layer)[:, None], codes + layer.output.zero_point
    errors = [((codes_of(candidate, sums) != expected) / (1 + codes)).sum(1) for candidate in tried]
    chosen, rows = np.argmin(errors, 0), np.arange(len(layer.scale))
    scale, bias = (np.stack([getattr(candidate, name) for candidate in tried]) for name in ("scale", "bias"))
    return replace(layer, scale=scale[chosen, rows], bias=bias[chosen, rows])
