"""Making latent weights small again, so that they can still change their sign.

Nothing bounds the latent weights of a binary layer: Muon's steps, all of one size, let them grow for as long as it
trains. Beyond 1 the straight-through gradient ends, and what is large takes long to reach 0 anyway.
"""

from __future__ import annotations

import torch
from torch import nn

from bitocr.lab.nn.backbone import BinaryBlock
from bitocr.lab.nn.binary import BinaryConv2d


@torch.no_grad()
def rescale_latents(net: nn.Module, factor: float) -> None:
    """Clamps every latent weight to [-1, 1] and multiplies it by `factor`, in place.

    No sign changes, and no output in eval mode but by the batch norms' epsilon: where signs are scaled by the mean
    |w| of their channel, the statistics of the batch norm that follows are scaled alike.
    """
    for block in net.modules():
        if isinstance(block, BinaryBlock):
            shrink(block.conv1, block.norm1, factor)
            shrink(block.conv2, block.norm2, factor)


def shrink(conv: BinaryConv2d, norm: nn.BatchNorm2d, factor: float) -> None:
    """The same for one layer and the batch norm behind it."""
    before = conv.weight.abs().mean((1, 2, 3))
    conv.weight.clamp_(-1, 1).mul_(factor)
    if conv.binarizer.scale and norm.running_mean is not None and norm.running_var is not None:
        ratio = conv.weight.abs().mean((1, 2, 3)) / before
        norm.running_mean.mul_(ratio)
        norm.running_var.mul_(ratio.square())
