"""Freezes the beginning of a network: training the rest takes a fraction of the time."""

from __future__ import annotations

from bitocr.errors import UsageError
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.crnn import CRNN


def freeze(net: CRNN, blocks: int) -> None:
    """Freezes the stem and the first `blocks` blocks of a backbone; 0 freezes nothing.

    They stay in eval mode whatever mode the network is in, so their batch norm statistics do not change either.
    Raises UsageError if the backbone has fewer blocks or is not a BitBackbone.
    """
    if not blocks:
        return
    backbone = net.backbone
    if not isinstance(backbone, BitBackbone) or blocks > len(backbone.blocks):
        raise UsageError(f"frozen is {blocks}, but the backbone has fewer binary blocks")
    for part in (backbone.stem, backbone.stem_norm, *backbone.blocks[:blocks]):
        part.requires_grad_(False).eval()
        setattr(part, "train", lambda mode=True, part=part: part)  # noqa: B010
