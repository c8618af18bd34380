"""A binary backbone like ReActNet's (arXiv:2003.03488): full convolutions, with a shortcut around every one.

A block is

    y = RPReLU( BN(conv3x3(sign(x))) + x )              x average-pooled where the block downsamples
    z = RPReLU( BN(conv1x1(sign(y))) + [y, y] )         [y, y] where it widens, else y

ReActNet widens a block by two 1x1 branches side by side, each with the identity as its shortcut. A single convolution
to twice the channels, with the input repeated as its shortcut, does the same and is faster. A pruned block may have
fewer channels: the shortcut of channel k is always channel k mod C of y, which has C channels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.activation import RPReLU
from bitocr.lab.nn.binary import BINARIZERS, Binarizer, BinaryConv2d


class Repeat(nn.Module):
    """The shortcut where the channels change, [N, in, H, W] -> [N, out, H, W]: output channel k is input k mod in."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, out_channels

    def forward(self, x: Tensor) -> Tensor:
        added = self.out_channels - self.in_channels
        if added < 0:
            return x[:, : self.out_channels]
        return torch.cat([x, x if added == self.in_channels else x[:, :added]], 1)


def normalised(conv: nn.Module, norm: nn.BatchNorm2d, x: Tensor, bias_free: bool) -> Tensor:
    """norm(conv(x)). With `bias_free`, training leaves out the convolution's bias.

    Batch norm subtracts the batch mean and with it the bias, so output and gradients are the same; only the running
    mean needs the bias. This saves a pass over the map, and one over its gradient, whose sum is 0 after the norm.
    """
    absorbed = bias_free and norm.training and norm.momentum is not None
    if not absorbed or not isinstance(conv, BinaryConv2d) or conv.stage == "float":
        y: Tensor = norm(conv(x))
        return y
    y, bias = conv.without_bias(x)
    y = norm(y)
    # Change `.data`: autograd has saved the running mean, although it does not read it in training.
    norm.running_mean.data.add_(bias, alpha=norm.momentum)  # type: ignore[union-attr, arg-type]
    return y


class BinaryBlock(nn.Module):
    """[N, in, H, W] -> [N, out, H / stride, W / stride]; out is at most 2 * in."""

    bias_free = False
    """Whether its convolutions train without their biases (`leave_out_biases`)."""

    def __init__(
        self, in_channels: int, out_channels: int, stride: tuple[int, int], stage: str, binarizer: Binarizer
    ) -> None:
        super().__init__()
        if out_channels > 2 * in_channels:
            raise UsageError(f"a block at most doubles its channels, not {in_channels} -> {out_channels}")
        self.stride, self.shortcut = stride, binarizer.shortcut
        self.conv1 = BinaryConv2d(in_channels, in_channels, 3, stride, stage, binarizer)
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.act1 = RPReLU(in_channels) if binarizer.learnable else nn.Identity()
        self.conv2 = BinaryConv2d(in_channels, out_channels, 1, (1, 1), stage, binarizer)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.act2 = RPReLU(out_channels) if binarizer.learnable else nn.Identity()
        self.repeat = Repeat(in_channels, out_channels) if out_channels != in_channels else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = normalised(self.conv1, self.norm1, x, self.bias_free)
        if self.shortcut:
            y = y + (x if self.stride == (1, 1) else F.avg_pool2d(x, self.stride))
        y = self.act1(y)
        z = normalised(self.conv2, self.norm2, y, self.bias_free)
        if self.shortcut:
            z = z + self.repeat(y)
        return self.act2(z)


class BitBackbone(nn.Module):
    """Stem and binary blocks: [N, 1, 32, W] -> [N, C, h, W / 4] with the default blocks.

    Args:
        stem: channels of the 3x3 stem, which has stride 2 and keeps 8-bit weights in the engine.
        blocks: (out channels, (stride over height, stride over width)) for each block.
        stage, binarizer: see `bitocr.lab.nn.binary`.
    """

    def __init__(
        self,
        stem: int,
        blocks: Sequence[tuple[int, tuple[int, int]]],
        stage: str = "both",
        binarizer: Binarizer = BINARIZERS["reactnet"],
    ) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, stem, 3, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(stem)
        self.blocks = nn.ModuleList()
        channels = stem
        for out_channels, stride in blocks:
            self.blocks.append(BinaryBlock(channels, out_channels, stride, stage, binarizer))
            channels = out_channels
        self.out_channels = channels

    def layers(self) -> list[nn.Module]:
        """The layers whose outputs distillation compares: the stem, then each block."""
        return [self.stem_norm, *self.blocks]

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem_norm(self.stem(x))
        for block in self.blocks:
            x = block(x)
        return x


def leave_out_biases(net: nn.Module, wanted: bool = True) -> None:
    """Makes all binary blocks train without their convolutions' biases, or with them again; see `normalised`."""
    for module in net.modules():
        if isinstance(module, BinaryBlock):
            module.bias_free = wanted
