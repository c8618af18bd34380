"""A minimal "bit_det" network (engine/src/net/detector.h) in torch, and its model file."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from bitocr.io import bitfile
from bitocr.lab.export.bit import stored
from bitocr.lab.nn.backbone import BinaryBlock, BitBackbone
from bitocr.lab.nn.binary import BINARIZERS
from bitocr.lab.nn.bit.fold import backbone_header, fold_backbone, fold_block, fold_linear
from bitocr.lab.nn.quant.engine import EngineBlock, EngineLinear
from bitocr.lab.nn.quant.insert import make_engine_backbone
from toy_map import each_pixel, upsample

STEM, NECK = 32, 32
BLOCKS = ((32, (2, 2)), (64, (2, 2)), (64, (1, 1)), (96, (2, 2)), (64, (2, 2)), (32, (1, 1)))
TAPS = (0, 2, 3, 5)
CHANNELS = (32, 64, 96, 32)


class TinyDetector(nn.Module):
    """float [N, 1, H, W] -> [N, 3, H / 4, W / 4], computed as in the engine."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = BitBackbone(STEM, BLOCKS)
        make_engine_backbone(self.backbone)
        inputs = (4 * CHANNELS[0], *CHANNELS[1:])
        self.laterals = nn.ModuleList(EngineLinear(nn.Linear(n, NECK)) for n in inputs)
        self.merge16, self.merge8 = (
            EngineBlock(BinaryBlock(NECK, NECK, (1, 1), "both", BINARIZERS["reactnet"])) for _ in range(2)
        )
        self.head = EngineLinear(nn.Linear(NECK, 12))

    def forward(self, x: Tensor) -> Tensor:
        taps, x = [], self.backbone.stem_norm(self.backbone.stem(x))
        for index, block in enumerate(self.backbone.blocks):
            x = block(x)
            if index in TAPS:
                taps.append(x)
        pixels = [taps[0][:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)]
        fine, y8, y16, y32 = map(each_pixel, self.laterals, [torch.cat(pixels, 1), *taps[1:]])
        z8 = self.merge8(y8 + fine + upsample(self.merge16(y16 + upsample(y32))))
        return nn.functional.pixel_shuffle(each_pixel(self.head, z8), 2)


def detector() -> TinyDetector:
    """Random weights, in eval mode."""
    torch.manual_seed(0)
    net = TinyDetector()
    for name, parameter in net.named_parameters():
        if any(part in name for part in ("norm", "act", "threshold")):
            parameter.data.normal_(0, 0.5)  # gains of both signs, thresholds, slopes, shifts
    for _ in range(3):  # means and deviations of the batch norms
        net.train()(torch.randint(-127, 128, (2, 1, 64, 96)).float() / 32)
    return net.eval()


def export(net: TinyDetector) -> bytes:
    """The network as a model file."""
    tensors: dict[str, Any] = fold_backbone(net.backbone)
    for stride, lateral in zip((4, 8, 16, 32), net.laterals, strict=True):
        assert isinstance(lateral, nn.Linear)
        tensors |= fold_linear(f"lateral{stride}", lateral)
    for name in ("merge16", "merge8"):
        tensors |= {f"{name}.{part}": value for part, value in fold_block(getattr(net, name)).items()}
    tensors |= fold_linear("head", net.head)
    network = {
        "arch": "bit_det",
        **backbone_header(STEM, BLOCKS),
        "neck": NECK,
        "maps": ["kernel", "height", "gap"],
    }
    return bitfile.dump({"network": network}, {name: stored(name, array, 8) for name, array in tensors.items()})
