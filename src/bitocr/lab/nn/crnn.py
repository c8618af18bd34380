"""CRNN (Shi et al., arXiv:1507.05717): backbone -> mean over height -> BiLSTM -> linear, decoded by CTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from bitocr.lab.config.network import BitCRNN, Network, open_network
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.binary import BINARIZERS
from bitocr.lab.nn.mobilenet import MobileNetBackbone
from bitocr.lab.nn.precision import at_least_float32
from bitocr.lab.nn.quant.insert import insert_quantization


class BiLSTM(nn.Module):
    """One bidirectional LSTM layer, [N, T, C] -> [N, T, 2 * hidden], always in float32 (its state accumulates)."""

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(in_channels, hidden, bidirectional=True, batch_first=True)
        self.out_channels = 2 * hidden

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return self.lstm(at_least_float32(x))[0]


class MeanOverHeight(nn.Module):
    """[N, C, H, W] -> [N, C, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2)


class CRNN(nn.Module):
    """A text recognizer: float [N, 1, 32, W] -> logits float32 [N, W / 4, classes]. Class 0 is the CTC blank."""

    def __init__(
        self, backbone: nn.Module, neck: nn.Module | None, channels: int, classes: int, bottleneck: int = 0
    ) -> None:
        super().__init__()
        self.backbone, self.mean, self.neck = backbone, MeanOverHeight(), neck
        self.bottleneck = nn.Linear(channels, bottleneck, bias=False) if bottleneck else None
        self.head = nn.Linear(bottleneck or channels, classes)

    def embed(self, x: Tensor) -> Tensor:
        """The head's input: float [N, 1, 32, W] -> [N, W / 4, features]."""
        features = self.mean(self.backbone(x)).transpose(1, 2)
        if self.neck is not None:
            features = self.neck(features)
        return features if self.bottleneck is None else self.bottleneck(features)

    def forward(self, x: Tensor) -> Tensor:
        return at_least_float32(self.head(self.embed(x)))


def channels_last(net: CRNN) -> CRNN:
    """The network with channels-last weights. Without them, convolutions on CPUs take 1.5 times as long."""
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def build(config: Network | Mapping[str, Any]) -> CRNN:
    """Builds a network with new weights (`bitocr.lab.config.network`). Raises UsageError."""
    network = open_network(config)
    blocks = [(block.channels, block.stride) for block in network.blocks]
    if isinstance(network, BitCRNN):
        binarizer = replace(BINARIZERS[network.binarizer], clip=network.clip)
        backbone: nn.Module = BitBackbone(network.stem, blocks, network.stage, binarizer)
    else:
        backbone = MobileNetBackbone(network.stem, blocks)
    channels = blocks[-1][0]
    neck = BiLSTM(channels, network.neck.hidden) if network.neck.type == "bilstm" else None
    bottleneck = network.head.bottleneck if network.head else 0
    net = CRNN(backbone, neck, network.features, network.classes, bottleneck)
    if network.quantization is not None:
        insert_quantization(net, network.quantization)
    return net
