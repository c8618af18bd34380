"""Three rules that choose the range of an activation's codes from its values on calibration images.

Each takes a histogram of |x| and returns the largest |x| to represent; larger values are clipped to it.

* ``minmax``      the largest value: clips nothing, but one outlier makes all steps coarse.
* ``percentile``  the value that 99.99 % of all values do not exceed.
* ``entropy``     the value with the least Kullback-Leibler divergence between the distributions of values and codes
  (Migacz, "8-bit inference with TensorRT", GTC 2017).

Zeros do not count: every range represents them exactly, and the output of a ReLU has many.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]

BINS = 2048
PERCENTILE = 99.99
CANDIDATES = 64
"""The number of thresholds that ``entropy`` tries."""


def minmax(counts: Counts, largest: float, levels: int) -> float:
    """See the module's docstring.

    Args:
        counts: a histogram of |x| > 0 in `BINS` bins of equal width from 0 to `largest`.
        largest: the largest |x|.
        levels: the number of codes from 0 to the largest.
    """
    return largest


def percentile(counts: Counts, largest: float, levels: int) -> float:
    """The upper edge of the bin with the percentile."""
    shares = np.cumsum(counts) / max(counts.sum(), 1)
    return largest * float(np.searchsorted(shares, PERCENTILE / 100) + 1) / len(counts)


def entropy(counts: Counts, largest: float, levels: int) -> float:
    """The one of `CANDIDATES` thresholds whose codes have the least divergence."""
    ends = np.unique(np.linspace(min(levels, len(counts)), len(counts), CANDIDATES).astype(int))
    divergences = [divergence(counts, end, levels) for end in ends]
    return largest * float(ends[int(np.argmin(divergences))]) / len(counts)


def divergence(counts: Counts, end: int, levels: int) -> float:
    """KL(P || Q): P is the histogram clipped to the first `end` bins, Q the same in `levels` codes.

    The count of a code is spread evenly over those of its bins that are not empty. Clipped values are only in P.
    """
    kept = counts[:end]
    clipped = kept.copy()
    clipped[-1] += counts[end:].sum()
    codes = np.arange(end) * levels // end
    occupied = kept > 0
    totals = np.bincount(codes, kept, levels)
    bins = np.bincount(codes, occupied, levels)
    coded = np.where(occupied, (totals / np.maximum(bins, 1))[codes], 0.0)
    p, q = clipped / max(clipped.sum(), 1), coded / max(coded.sum(), 1)
    both = (p > 0) & (q > 0)
    missed = p[(p > 0) & (q == 0)].sum()  # Q is 0 there; a finite penalty keeps thresholds comparable
    return float((p[both] * np.log(p[both] / q[both])).sum() + missed * np.log(len(counts)))


OBSERVERS: dict[str, Callable[[Counts, float, int], float]] = {
    "minmax": minmax,
    "percentile": percentile,
    "entropy": entropy,
}
