"""Adds blocks to a trained network as identities, so that it reads at first as it did before.

A block with its shortcuts is the identity where its batch norms give 0 and its RPReLUs have a slope of 1 (Net2Deeper,
Chen et al., arXiv:1511.05641; batch norms that begin at 0: Goyal et al., arXiv:1706.02677).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from bitocr.lab.config.network import BitCRNN, Block
from bitocr.lab.nn.activation import RPReLU
from bitocr.lab.nn.backbone import BinaryBlock, BitBackbone
from bitocr.lab.nn.crnn import CRNN, build


def places_of(theirs: Sequence[Block], ours: Sequence[Block]) -> list[int] | None:
    """The place of each block of `theirs` in `ours`; None if `ours` is not `theirs` with identity blocks added.

    An added block keeps the channels and size of its input. Among equal blocks, the last ones count as added.
    """
    places: list[int] = []
    for index, block in enumerate(ours):
        if len(places) < len(theirs) and block == theirs[len(places)]:
            places.append(index)
        elif not index or block != Block(channels=ours[index - 1].channels, stride=(1, 1)):
            return None
    return places if len(places) == len(theirs) else None


def deepen(net: CRNN, network: BitCRNN, places: Sequence[int]) -> CRNN:
    """A deeper network that computes what `net` computes.

    Args:
        network: the config of the deeper network, with shortcuts and RPReLU; only its blocks differ from `net`'s.
        places: where the blocks of `net` go.
    """
    deeper = build(network)
    prefix = "backbone.blocks."
    state = {}
    for name, tensor in net.state_dict().items():
        if name.startswith(prefix):
            number, _, rest = name.removeprefix(prefix).partition(".")
            state[f"{prefix}{places[int(number)]}.{rest}"] = tensor
        else:
            state[name] = tensor
    deeper.load_state_dict(state, strict=False)
    assert isinstance(deeper.backbone, BitBackbone)
    for index, block in enumerate(deeper.backbone.blocks):
        if index not in places:
            assert isinstance(block, BinaryBlock)
            make_identity(block)
    return deeper


@torch.no_grad()
def make_identity(block: BinaryBlock) -> None:
    """Sets batch norms to give 0, so that only the shortcuts count, and RPReLU slopes to 1, so that they pass."""
    for norm, act in ((block.norm1, block.act1), (block.norm2, block.act2)):
        assert isinstance(act, RPReLU)
        norm.weight.zero_()
        norm.bias.zero_()
        act.slope.fill_(1)
        act.shift.zero_()
