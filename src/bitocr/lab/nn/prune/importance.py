"""The importance of each channel of a group: the norm of its filters, with batch norm folded in.

    importance of channel c = sum over the group's convolutions of  |g_c w_c| / (mean of |g w| over all channels)

where w_c is the filter [in, kh, kw] and g_c the gain of the batch norm after it. Li et al. 2017 (arXiv:1608.08710) rank
by |w_c| alone, but batch norm undoes any scale of w_c. The filters of a binary layer are signs times one scale per
channel, so both norms rank its channels by that scale.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.binary import BinaryConv2d, binarize_weight
from bitocr.lab.nn.prune.coupled import ChannelGroup
from bitocr.lab.nn.quant.engine_numbers import fold_norm

NORMS = {"l1": 1, "l2": 2}


@torch.no_grad()
def importance(net: nn.Module, group: ChannelGroup, norm: str) -> list[float]:
    """The importance of every channel of a group. Raises UsageError for a norm other than l1 and l2."""
    if norm not in NORMS:
        raise UsageError(f"unknown norm {norm!r}: choose {' or '.join(NORMS)}")
    computing = {layer.name for layer in group.layers if layer.is_output}
    total = torch.zeros(group.width, dtype=torch.float64)
    for name, (conv, batch_norm) in normed_convs(net).items():
        if name in computing:
            size = effective(conv).flatten(1).double().norm(NORMS[norm], dim=1) * fold_norm(batch_norm)[0].abs()
            total += size / size.mean().clamp(min=1e-12)
    return [float(value) for value in total]


def normed_convs(net: nn.Module) -> dict[str, tuple[nn.Module, nn.BatchNorm2d]]:
    """Each convolution, by name, with the batch norm after it: the next one, in all of our networks."""
    found: dict[str, tuple[nn.Module, nn.BatchNorm2d]] = {}
    last: tuple[str, nn.Module] | None = None
    for name, module in net.named_modules():
        if isinstance(module, (nn.Conv2d, BinaryConv2d)):
            last = name, module
        elif isinstance(module, nn.BatchNorm2d) and last is not None:
            found[last[0]] = last[1], module
    return found


def effective(conv: nn.Module) -> Tensor:
    """The filters [out, in, kh, kw] that a convolution computes with."""
    if isinstance(conv, BinaryConv2d) and conv.stage == "both":
        return binarize_weight(conv.weight, conv.binarizer.scale)
    assert isinstance(conv.weight, Tensor)
    return conv.weight
