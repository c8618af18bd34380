"""The text detector: a binary backbone, a sum of its scales from coarse to fine, and maps of the lines.

    T4, T8, T16, T32 = backbone(x)                    the last block at each scale (`bitocr.lab.nn.backbone`)
    z16 = merge16(lateral16(T16) + up(lateral32(T32)))
    z8  = merge8(lateral8(T8) + lateral4(T4) + up(z16))
    maps = shuffle(head(z8))                          at a quarter of the image's size

Laterals and head are linear layers at each pixel, with 8-bit weights in the engine. `lateral4` reads the four pixels of
T4 at each pixel of T8. The merges are binary blocks, `up` repeats each pixel to 2 x 2, and `shuffle` turns channels
into 2 x 2 pixels, as torch's pixel_shuffle does. The auxiliary head is for training only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.config.detector import BitDetector, open_detector
from bitocr.lab.nn.backbone import BinaryBlock, BitBackbone
from bitocr.lab.nn.binary import BINARIZERS, Binarizer
from bitocr.lab.nn.precision import at_least_float32

MAPS = ("kernel", "height", "gap")
"""The outputs of the head: logits of a line's kernel, log2 of its height / 16, logits of a gap between words."""
UNIT = 32
"""The sides of images are multiples of this."""
RARE = -2.0
"""The initial logit of a kernel."""

LINEARS = ("lateral4", "lateral8", "lateral16", "lateral32", "head")
MERGES = ("merge16", "merge8")


class Detector(nn.Module):
    """A text detector: float [N, 1, H, W] -> float32 [N, 3, H / 4, W / 4], the maps of `MAPS`.

    H and W are multiples of `UNIT`.
    """

    def __init__(self, config: BitDetector, binarizer: Binarizer) -> None:
        super().__init__()
        self.config = config
        blocks = [(block.channels, block.stride) for block in config.blocks]
        self.backbone = BitBackbone(config.stem, blocks, config.stage, binarizer)
        fine, *coarse = (blocks[tap][0] for tap in config.taps)
        self.lateral4 = nn.Linear(4 * fine, config.neck)
        self.lateral8, self.lateral16, self.lateral32 = (nn.Linear(channels, config.neck) for channels in coarse)
        self.merge16, self.merge8 = (
            BinaryBlock(config.neck, config.neck, (1, 1), config.stage, binarizer) for _ in range(2)
        )
        self.head = nn.Linear(config.neck, 4 * len(MAPS))
        self.auxiliary = nn.Linear(config.neck, 4)
        for layer in (self.head, self.auxiliary):
            nn.init.zeros_(layer.bias)
            nn.init.constant_(layer.bias[:4], RARE)

    def taps(self, x: Tensor) -> list[Tensor]:
        """The backbone's maps at strides 4, 8, 16 and 32."""
        x, found = self.backbone.stem_norm(self.backbone.stem(x)), []
        for index, block in enumerate(self.backbone.blocks):
            x = block(x)
            if index in self.config.taps:
                found.append(x)
        return found

    def features(self, x: Tensor) -> Tensor:
        """The head's input: [N, neck, H / 8, W / 8]."""
        t4, t8, t16, t32 = self.taps(x)
        z16 = self.merge16(each_pixel(self.lateral16, t16) + up(each_pixel(self.lateral32, t32)))
        fine = each_pixel(self.lateral8, t8) + each_pixel(self.lateral4, unshuffle(t4))
        merged: Tensor = self.merge8(fine + up(z16))
        return merged

    def forward(self, x: Tensor) -> Tensor:
        return shuffled(self.head, self.features(x))

    def with_text(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The maps, and logits [N, 1, H / 4, W / 4] of whole boxes of text, for training."""
        features = self.features(x)
        return shuffled(self.head, features), shuffled(self.auxiliary, features)


def each_pixel(linear: nn.Module, x: Tensor) -> Tensor:
    """Applies a linear layer at every pixel: [N, in, H, W] -> [N, out, H, W]."""
    out: Tensor = linear(x.movedim(1, -1)).movedim(-1, 1)
    return out


def up(x: Tensor) -> Tensor:
    """Repeats every pixel to 2 x 2: [N, C, H, W] -> [N, C, 2 H, 2 W]."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


def unshuffle(x: Tensor) -> Tensor:
    """Stacks 2 x 2 pixels as channels, row by row: [N, C, 2 H, 2 W] -> [N, 4 C, H, W]."""
    return torch.cat([x[:, :, i::2, j::2] for i in (0, 1) for j in (0, 1)], 1)


def shuffled(linear: nn.Module, x: Tensor) -> Tensor:
    return F.pixel_shuffle(at_least_float32(each_pixel(linear, x)), 2)


def build_detector(config: BitDetector | Mapping[str, Any]) -> Detector:
    """Builds a detector with new weights. Raises UsageError."""
    network = open_detector(config)
    return Detector(network, replace(BINARIZERS[network.binarizer], clip=network.clip))
