"""Coupled channels: a channel that is cut must disappear from every layer that computes it, passes it on or reads it.

A *group* of coupled channels begins at a convolution's output. It reaches through the batch norms, activations and
depthwise convolutions behind it and through all that shortcuts add to it, up to the inputs of the layers that read it,
the BiLSTM's among them (the term is DepGraph's: Fang et al., CVPR 2023, arXiv:2301.12900). In a MobileNet CRNN there
is one group behind the stem and one behind each block. In a binary CRNN shortcuts tie all blocks of one width, so that
there is one behind the stem and one behind each block that changes the width.
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
    """A module of the network by its name; `is_output`: the group's channels are its outputs, else its inputs."""

    name: str
    is_output: bool


@dataclass(frozen=True)
class ChannelGroup:
    """Channels that can only be cut from all their layers together."""

    width: int
    layers: tuple[CoupledLayer, ...]


def is_tied(network: Network) -> bool:
    """Whether shortcuts tie each group of channels to the one before it."""
    return isinstance(network, BitCRNN)


def groups_of_blocks(network: Network) -> list[int]:
    """The number of the group that each block puts out; the stem's is 0."""
    number, channels, found = 0, network.stem, []
    for block in network.blocks:
        number += not is_tied(network) or block.channels != channels
        found.append(number)
        channels = block.channels
    return found


def widths_of(config: Network | Mapping[str, Any]) -> list[int]:
    """The channels of every group."""
    network = open_network(config)
    outs = dict(zip(groups_of_blocks(network), (block.channels for block in network.blocks), strict=True))
    return list({0: network.stem, **outs}.values())


def with_widths(network: AnyNetwork, widths: list[int]) -> AnyNetwork:
    """The network with other numbers of channels, one for each of its groups."""
    numbers = groups_of_blocks(network)
    blocks = (
        Block(channels=widths[number], stride=block.stride)
        for number, block in zip(numbers, network.blocks, strict=True)
    )
    return network.replace(stem=widths[0], blocks=tuple(blocks))


def channel_groups(network: Network) -> list[ChannelGroup]:
    """The groups of coupled channels in the order of `widths_of`.

    Raises:
        UsageError: no config can describe the network's channels group by group: it is binary without shortcuts.
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
"""The layers of a block that have the channels coming in, and those that have the channels going out."""


def separable_block(index: int) -> BlockLayers:
    """Depthwise convolution and batch norm; pointwise convolution and batch norm (`bitocr.lab.nn.mobilenet`)."""
    depthwise, depthwise_norm, _, pointwise, pointwise_norm, _ = (f"backbone.blocks.{index}.{at}" for at in range(6))
    inputs = [CoupledLayer(depthwise, True), CoupledLayer(depthwise_norm, True), CoupledLayer(pointwise, False)]
    return inputs, [CoupledLayer(pointwise, True), CoupledLayer(pointwise_norm, True)]


def binary_block(index: int, binarizer: str) -> BlockLayers:
    """3x3 convolution, whose shortcut ties its outputs to its inputs, then 1x1 (`bitocr.lab.nn.backbone`)."""
    block = f"backbone.blocks.{index}"
    names = ("conv", "norm", "act") if BINARIZERS[binarizer].learnable else ("conv", "norm")
    first, second = ([CoupledLayer(f"{block}.{name}{half}", True) for name in names] for half in (1, 2))
    return [CoupledLayer(f"{block}.conv1", False), *first, CoupledLayer(f"{block}.conv2", False)], second


def reader_of_backbone(network: Network) -> str:
    """The name of the layer that reads the backbone's features."""
    if network.neck.type == "bilstm":
        return "neck.lstm"
    return "bottleneck" if network.head else "head"
