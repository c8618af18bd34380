"""Coupled channels: a cut channel must disappear from every layer that computes it, passes it on or reads it.

A *group* of coupled channels begins at a convolution's output. It includes the batch norms, activations and depthwise
convolutions after it, everything that shortcuts add to it, and the inputs of the layers that read it, such as the
BiLSTM (the term comes from DepGraph: Fang et al., CVPR 2023, arXiv:2301.12900). A MobileNet CRNN has a group after the
stem and after each block. In a binary CRNN, shortcuts tie all blocks of equal width, so there is a group after the stem
and after each block that changes the width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.network import AnyNetwork, BitCRNN, Block, Network, open_network
from bitocr.lab.nn.binary import BINARIZERS


@dataclass(frozen=True)
class CoupledLayer:
    """A module, by name. `is_output` says whether the group's channels are its outputs or its inputs."""

    name: str
    is_output: bool


@dataclass(frozen=True)
class ChannelGroup:
    """Channels that can only be cut from all of their layers together."""

    width: int
    layers: tuple[CoupledLayer, ...]


def is_tied(network: Network) -> bool:
    """Whether shortcuts tie each group of channels to the one before it."""
    return isinstance(network, BitCRNN)


def groups_of_blocks(network: Network) -> list[int]:
    """The group number of each block's output channels; the stem's is 0."""
    number, channels, found = 0, network.stem, []
    for block in network.blocks:
        number += not is_tied(network) or block.channels != channels
        found.append(number)
        channels = block.channels
    return found


def widths_of(config: Network | Mapping[str, Any]) -> list[int]:
    """The number of channels in each group."""
    network = open_network(config)
    outs = dict(zip(groups_of_blocks(network), (block.channels for block in network.blocks), strict=True))
    return list({0: network.stem, **outs}.values())


def with_widths(network: AnyNetwork, widths: list[int]) -> AnyNetwork:
    """The network with other numbers of channels, one per group."""
    numbers = groups_of_blocks(network)
    blocks = (
        Block(channels=widths[number], stride=block.stride)
        for number, block in zip(numbers, network.blocks, strict=True)
    )
    return network.replace(stem=widths[0], blocks=tuple(blocks))


def channel_groups(network: Network) -> list[ChannelGroup]:
    """The groups of coupled channels in the order of `widths_of`.

    Raises:
        UsageError: the network is binary without shortcuts, and no config can describe its groups.
    """
    is_binary = isinstance(network, BitCRNN)
    if isinstance(network, BitCRNN) and not BINARIZERS[network.binarizer].shortcut:
        raise UsageError("a binary network without shortcuts: its channels cannot be cut")
    stem = ("stem", "stem_norm") if is_binary else ("stem.0", "stem.1")
    layers = [[CoupledLayer(f"backbone.{name}", True) for name in stem]] + [[] for _ in widths_of(network)[1:]]
    comes_in = 0
    for index, goes_out in enumerate(groups_of_blocks(network)):
        inputs, outputs = (
            binary_block(index, network.binarizer) if isinstance(network, BitCRNN) else separable_block(index)
        )
        layers[comes_in] += inputs
        layers[goes_out] += outputs
        comes_in = goes_out
    layers[-1].append(CoupledLayer(reader_of_backbone(network), False))
    return [ChannelGroup(width, tuple(each)) for width, each in zip(widths_of(network), layers, strict=True)]


BlockLayers = tuple[list[CoupledLayer], list[CoupledLayer]]
"""The layers of a block that hold its input channels, and those that hold its output channels."""


def separable_block(index: int) -> BlockLayers:
    """Depthwise convolution and batch norm; pointwise convolution and batch norm (`bitocr.lab.nn.mobilenet`)."""
    depthwise, depthwise_norm, _, pointwise, pointwise_norm, _ = (f"backbone.blocks.{index}.{at}" for at in range(6))
    inputs = [CoupledLayer(depthwise, True), CoupledLayer(depthwise_norm, True), CoupledLayer(pointwise, False)]
    return inputs, [CoupledLayer(pointwise, True), CoupledLayer(pointwise_norm, True)]


def binary_block(index: int, binarizer: str) -> BlockLayers:
    """3x3 convolution, whose shortcut ties outputs to inputs; 1x1 convolution (`bitocr.lab.nn.backbone`)."""
    block = f"backbone.blocks.{index}"
    names = ("conv", "norm", "act") if BINARIZERS[binarizer].learnable else ("conv", "norm")
    first, second = ([CoupledLayer(f"{block}.{name}{half}", True) for name in names] for half in (1, 2))
    return [CoupledLayer(f"{block}.conv1", False), *first, CoupledLayer(f"{block}.conv2", False)], second


def reader_of_backbone(network: Network) -> str:
    """The name of the layer that reads the backbone's features."""
    if network.neck.type == "bilstm":
        return "neck.lstm"
    return "bottleneck" if network.head else "head"
