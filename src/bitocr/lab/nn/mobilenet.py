"""A full-precision backbone to compare with: depthwise separable convolutions (MobileNet, arXiv:1704.04861)."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


def separable(in_channels: int, out_channels: int, stride: tuple[int, int]) -> nn.Sequential:
    """Depthwise 3x3 -> BN -> ReLU -> pointwise 1x1 -> BN -> ReLU."""
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, stride, 1, groups=in_channels, bias=False),
        nn.BatchNorm2d(in_channels),
        nn.ReLU(inplace=True),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )


class MobileNetBackbone(nn.Module):
    """[N, 1, 32, W] -> [N, C, h, W / 4] with the default blocks; arguments as in `BitBackbone`."""

    def __init__(self, stem: int, blocks: Sequence[tuple[int, tuple[int, int]]]) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU(inplace=True))
        self.blocks = nn.ModuleList()
        channels = stem
        for out_channels, stride in blocks:
            self.blocks.append(separable(channels, out_channels, stride))
            channels = out_channels
        self.out_channels = channels

    def layers(self) -> list[nn.Module]:
        """The stem, then each block, as in `BitBackbone`."""
        return [self.stem, *self.blocks]

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for block in self.blocks:
            x = block(x)
        return x
