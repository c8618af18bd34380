"""Counts a network's multiply-adds layer by layer, from its config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bitocr.lab.config.network import BitCRNN, Network, open_network
from bitocr.native.image import HEIGHT

WIDTH = 128
"""The default width of the image, in pixels."""


@dataclass(frozen=True)
class Layer:
    """A layer, with the name of its module. Each weight counts once per position of the output.

    `shape` is the shape of its weight. An LSTM has two layers, one per direction, of (4 * hidden, inputs + hidden).
    """

    name: str
    shape: tuple[int, ...]
    weights: int
    positions: int

    @property
    def macs(self) -> int:
        return self.weights * self.positions


def layers(config: Network | Mapping[str, Any], width: int = WIDTH) -> list[Layer]:
    """The layers of a network (`bitocr.lab.config.network`) that have weights, in order, for one image [32, width]."""
    network = open_network(config)
    is_binary = isinstance(network, BitCRNN)
    h, w, channels = HEIGHT // 2, -(-width // 2), network.stem
    found = [conv("backbone.stem" if is_binary else "backbone.stem.0", (channels, 1, 3, 3), h * w)]
    for index, block in enumerate(network.blocks):
        out, (stride_h, stride_w) = block.channels, block.stride
        h, w = -(-h // stride_h), -(-w // stride_w)
        first, second = ("conv1", "conv2") if is_binary else ("0", "3")
        spatial = (channels, channels if is_binary else 1, 3, 3)
        found.append(conv(f"backbone.blocks.{index}.{first}", spatial, h * w))
        found.append(conv(f"backbone.blocks.{index}.{second}", (out, channels, 1, 1), h * w))
        channels = out
    if network.neck.type == "bilstm":
        hidden = network.neck.hidden
        shape = (4 * hidden, channels + hidden)
        found.append(Layer("neck.lstm", shape, 2 * shape[0] * shape[1], w))
        channels = 2 * hidden
    if network.head:
        bottleneck = network.head.bottleneck
        found.append(Layer("bottleneck", (bottleneck, channels), bottleneck * channels, w))
        channels = bottleneck
    return [*found, Layer("head", (network.classes, channels), network.classes * channels, w)]


def conv(name: str, shape: tuple[int, int, int, int], positions: int) -> Layer:
    return Layer(name, shape, shape[0] * shape[1] * shape[2] * shape[3], positions)


def count_macs(config: Network | Mapping[str, Any], width: int = WIDTH) -> int:
    """Multiply-adds of the whole network for one image [32, width]."""
    return sum(layer.macs for layer in layers(config, width))
