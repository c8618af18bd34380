"""The architecture "toy_map" in torch (engine/hooks/toy.h): a second architecture for the engine beside bit_crnn."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from bitocr.io import bitfile
from bitocr.lab.export.bit import stored
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.bit.fold import backbone_header, fold_backbone, fold_linear
from bitocr.lab.nn.quant.engine import EngineLinear
from bitocr.lab.nn.quant.insert import make_engine_backbone

STEM = 32
BLOCKS = ((32, (1, 1)), (64, (2, 2)))


class ToyMap(nn.Module):
    """float [N, 1, H, W] -> [N, channels, H / 2, W / 2], in eval mode for any H and W, rounded up."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.backbone = BitBackbone(STEM, BLOCKS)
        make_engine_backbone(self.backbone)
        self.fine = EngineLinear(nn.Linear(BLOCKS[0][0], channels))
        self.coarse = EngineLinear(nn.Linear(BLOCKS[1][0], channels))

    def forward(self, x: Tensor) -> Tensor:
        first, second = self.backbone.blocks
        x = first(self.backbone.stem_norm(self.backbone.stem(x)))
        fine, coarse = each_pixel(self.fine, x), each_pixel(self.coarse, second(x))
        return fine + upsample(coarse)[..., : fine.shape[2], : fine.shape[3]]


def each_pixel(linear: nn.Module, x: Tensor) -> Tensor:
    """Applies a linear layer at every pixel: [N, in, H, W] -> [N, out, H, W]."""
    out: Tensor = linear(x.movedim(1, -1)).movedim(-1, 1)
    return out


def upsample(x: Tensor) -> Tensor:
    """Repeats every pixel to 2 x 2: [N, C, H, W] -> [N, C, 2 H, 2 W]."""
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def train(net: ToyMap, steps: int) -> list[float]:
    """The losses of `steps` steps of Adam towards the smoothed brightness of noise."""
    torch.manual_seed(0)
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    losses = []
    for _ in range(steps):
        images = torch.randint(-127, 128, (4, 1, 32, 48)).float() / 32
        targets = nn.functional.avg_pool2d(images, 2).expand(-1, net.channels, -1, -1)
        loss = (net.train()(images) - targets).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def export(net: ToyMap) -> bytes:
    """The network as a model file."""
    tensors = {**fold_backbone(net.backbone), **fold_linear("fine", net.fine), **fold_linear("coarse", net.coarse)}
    network: dict[str, Any] = {"arch": "toy_map", **backbone_header(STEM, BLOCKS), "channels": net.channels}
    return bitfile.dump({"network": network}, {name: stored(name, array, 8) for name, array in tensors.items()})
