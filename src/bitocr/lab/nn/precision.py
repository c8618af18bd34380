"""The precision of sums: losses, LSTM states, sums over maps."""

from __future__ import annotations

import torch
from torch import Tensor


def at_least_float32(x: Tensor) -> Tensor:
    """Converts bfloat16 and float16 to float32. float64 stays, so that a training in float64 uses it everywhere."""
    return x if x.dtype == torch.float64 else x.float()
