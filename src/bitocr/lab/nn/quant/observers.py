"""Three rules for the range of an activation's codes, from its values on calibration images.

Each takes a histogram of |x| and returns the largest |x| to represent; larger values are clipped to it.

* ``minmax``      the largest value that was seen: nothing is clipped, and one outlier makes all steps coarse.
* ``percentile``  the value below which 99.99 % of all others lie.
* ``entropy``     the value for which the distribution of the codes tells most of the original one: least
  Kullback-Leibler divergence (Migacz, "8-bit inference with TensorRT", GTC 2017).

Zeros, of which a ReLU's output has many, are exact in any case and do not count.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.float64]

BINS = 2048
PERCENTILE = 99.99
CANDIDATES = 64
"""How many thresholds ``entropy`` tries."""


def minmax(counts: Counts, largest: float, levels: int) -> float:
    """See the module's docstring.

    Args:
        counts: of |x| > 0 in `BINS` bins of equal width from 0 to `largest`.
        largest: the largest |x| that was seen.
        levels: codes from 0 to the largest.
    """
    return largest


def percentile(counts: Counts, largest: float, levels: int) -> float:
    """The upper edge of the bin in which the percentile lies."""
    shares = np.cumsum(counts) / max(counts.sum(), 1)
    return largest * float(np.searchsorted(shares, PERCENTILE / 100) + 1) / len(counts)


def entropy(counts: Counts, largest: float, levels: int) -> float:
    """The threshold, of `CANDIDATES`, whose codes have the least divergence."""
    ends = np.unique(np.linspace(min(levels, len(counts)), len(counts), CANDIDATES).astype(int))
    divergences = [divergence(counts, end, levels) for end in ends]
    return largest * float(ends[int(np.argmin(divergences))]) / len(counts)


def divergence(counts: Counts, end: int, levels: int) -> float:
    """KL(P || Q): P is what is clipped to the first `end` bins, Q the same in `levels` codes.

    A code's count is shared out evenly over those of its bins that have any; what was clipped is only in P.
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
    missed = p[(p > 0) & (q == 0)].sum()  # where Q says that it never happens; a finite fine, so that all compare
    return float((p[both] * np.log(p[both] / q[both])).sum() + missed * np.log(len(counts)))


OBSERVERS: dict[str, Callable[[Counts, float, int], float]] = {
    "minmax": minmax,
    "percentile": percentile,
    "entropy": entropy,
}
