"""Which channels hang together: a channel that is cut must go from every layer that makes it or takes it.

A *stream* is a set of channels that only go together: what a convolution puts out, with the batch norms, activations
and depthwise convolutions behind it, everything that is added to it by a shortcut, and the inputs of all that reads it,
the BiLSTM's among them. Torch-Pruning (DepGraph, Fang et al., CVPR 2023, arXiv:2301.12900) finds them in the network's
graph. Their widths are what a config says: in a MobileNet CRNN the stem's and each block's; in a binary CRNN, whose
shortcuts tie all blocks of one width, the stem's and that of each block that changes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from bitocr.errors import UsageError
from bitocr.lab.nn.activation import RPReLU
from bitocr.lab.nn.backbone import Repeat
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import build, complete


@dataclass(frozen=True)
class Member:
    """A module of the network by its name; `makes`: its outputs are the stream's channels, else its inputs."""

    name: str
    makes: bool


@dataclass(frozen=True)
class Stream:
    width: int
    members: tuple[Member, ...]


def is_tied(config: dict[str, Any]) -> bool:
    """Whether shortcuts run through the network, so that each stream's channels have parents in the one before."""
    return bool(complete(config)["arch"] == "bit_crnn")


def streams_of_blocks(config: dict[str, Any]) -> list[int]:
    """The number of the stream that each block puts out; the stem's is 0."""
    config = complete(config)
    number, channels, found = 0, config["stem"], []
    for out, _ in config["blocks"]:
        number += not is_tied(config) or out != channels
        found.append(number)
        channels = out
    return found


def widths_of(config: dict[str, Any]) -> list[int]:
    """The channels of every stream."""
    config = complete(config)
    outs = dict(zip(streams_of_blocks(config), (out for out, _ in config["blocks"]), strict=True))
    return list({0: config["stem"], **outs}.values())


def with_widths(config: dict[str, Any], widths: list[int]) -> dict[str, Any]:
    """The config with other numbers of channels, one for each of its streams."""
    config = complete(config)
    numbers = streams_of_blocks(config)
    blocks = [[widths[number], list(stride)] for number, (_, stride) in zip(numbers, config["blocks"], strict=True)]
    return {**config, "stem": widths[0], "blocks": blocks}


def find_streams(config: dict[str, Any]) -> list[Stream]:
    """The streams in the order of `widths_of`.

    Raises:
        UsageError: a network whose channels no config can describe one stream at a time: binary without shortcuts.
    """
    import torch_pruning as tp

    net = skeleton(config)
    graph = tp.DependencyGraph().build_dependency(net, torch.zeros(1, 1, 32, 64))
    names = {module: name for name, module in net.named_modules()}
    found: list[Stream] = []
    made: set[str] = set()
    for name, module in net.named_modules():
        if not isinstance(module, nn.Conv2d) or name in made or name.endswith(".repeat"):
            continue
        group = graph.get_pruning_group(module, tp.prune_conv_out_channels, [0])
        members = {
            Member(names[dependency.target.module], bool(graph.is_out_channel_pruning_fn(dependency.handler)))
            for dependency, _ in group
            if dependency.target.module in names and not names[dependency.target.module].endswith(".repeat")
        }
        made |= {member.name for member in members if member.makes}
        found.append(Stream(module.out_channels, tuple(sorted(members, key=lambda member: member.name))))
    if [stream.width for stream in found] != widths_of(config):
        raise UsageError("channels can be cut where shortcuts tie them: not of a binary network without shortcuts")
    return found


def skeleton(config: dict[str, Any]) -> nn.Module:
    """The network of a config in layers that Torch-Pruning knows; where streams part, a 1x1 convolution is between."""
    config = complete(config)
    net: nn.Module = build({**config, "stage": "float"} if is_tied(config) else config)
    for parent in list(net.modules()):
        for name, child in parent.named_children():
            if isinstance(child, BinaryConv2d):
                out, channels, kernel, _ = child.weight.shape
                setattr(parent, name, nn.Conv2d(channels, out, kernel, child.stride, kernel // 2, bias=False))
            elif isinstance(child, RPReLU):
                setattr(parent, name, nn.PReLU(child.slope.shape[1]))
            elif isinstance(child, Repeat):
                setattr(parent, name, nn.Conv2d(child.in_channels, child.out_channels, 1, bias=False))
    return net.eval()
