"""Unstructured pruning: sets single weights of small magnitude to 0 (Han et al. 2015, arXiv:1506.02626).

torch.nn.utils.prune chooses the smallest weights of each layer (``layer``) or of all layers together (``global``). The
masks are made permanent at once, so a checkpoint stores them only as zeros. During finetuning, `hold_zeros` keeps these
weights at 0.

It prunes the pointwise and full convolutions and the LSTM. Stem, depthwise convolutions and head keep all their
weights: these are few, and differ in magnitude. When the head was pruned too, 50 % global sparsity cost the English
float teacher 12 points instead of 4 before finetuning.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils import prune

from bitocr.errors import UsageError
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN, channels_last
from bitocr.lab.nn.quant.layers import FoldedConv

SCOPES = ("global", "layer")


def prunable(net: CRNN) -> dict[str, tuple[nn.Module, str]]:
    """The parameters that may become sparse, by full name: the module, and the name in it.

    Raises:
        UsageError: the network has binary weights, which cannot be 0.
    """
    found: dict[str, tuple[nn.Module, str]] = {}
    for name, module in net.named_modules():
        if isinstance(module, BinaryConv2d) and module.stage == "both":
            raise UsageError("binary weights are +1 or -1 and cannot be 0: cut channels, not weights")
        if isinstance(module, nn.LSTM):
            weights = [key for key, _ in module.named_parameters() if key.startswith("weight")]
        elif isinstance(module, (nn.Conv2d, BinaryConv2d, FoldedConv)):
            is_thin = name.startswith("backbone.stem") or getattr(module, "groups", 1) > 1
            weights = [] if is_thin else ["weight"]
        else:
            weights = []
        found.update({f"{name}.{key}": (module, key) for key in weights})
    return found


def sparsify(net: CRNN, amount: float, scope: str = "global") -> None:
    """Sets the share `amount` of the prunable weights to 0, in place. Weights that are already 0 count.

    Raises:
        UsageError: the weights are binary, the scope is unknown, or the amount is outside [0, 1).
    """
    if scope not in SCOPES:
        raise UsageError(f"unknown scope {scope!r}: choose {' or '.join(SCOPES)}")
    if not 0 <= amount < 1:
        raise UsageError(f"sparsity is a share from 0 to below 1, not {amount!r}")
    weights = list(prunable(net).values())
    net.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]  # torch.nn.utils.prune needs it
    if scope == "global":
        prune.global_unstructured(weights, prune.L1Unstructured, amount=amount)
    else:
        for module, name in weights:
            prune.l1_unstructured(module, name, amount)
    make_permanent(net)
    channels_last(net)


def hold_zeros(net: CRNN) -> None:
    """Masks the weights that are 0, so that training keeps them at 0 until `make_permanent`. Raises UsageError."""
    for module, name in prunable(net).values():
        weight = getattr(module, name)
        assert isinstance(weight, Tensor)
        prune.custom_from_mask(module, name, weight.detach() != 0)


def make_permanent(net: nn.Module) -> None:
    """Replaces masks and originals by the masked weights. A network without masks does not change."""
    for module in net.modules():
        for name in [key.removesuffix("_mask") for key, _ in module.named_buffers(recurse=False)]:
            if hasattr(module, f"{name}_mask"):
                prune.remove(module, name)


@torch.no_grad()
def zeros_of(net: CRNN) -> dict[str, int]:
    """The number of weights that are 0 in each layer, by the module's name."""
    found: dict[str, int] = {}
    for name, parameter in net.named_parameters():
        module = name.rpartition(".")[0]
        if parameter.squeeze().ndim >= 2:
            found[module] = found.get(module, 0) + int((parameter == 0).sum())
    return found
