"""Leaving the beginning of a network as it is: what comes after it learns in a fraction of the time."""

from __future__ import annotations

from bitocr.errors import UsageError
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.crnn import CRNN


def freeze(net: CRNN, blocks: int) -> None:
    """Stops the stem and the first blocks of a backbone from learning; nothing for 0.

    They stay in eval mode, whatever their network is set to: the statistics of their batch norms stay as well.
    Raises UsageError if the backbone has fewer blocks, or is no BitBackbone.
    """
    if not blocks:
        return
    backbone = net.backbone
    if not isinstance(backbone, BitBackbone) or blocks > len(backbone.blocks):
        raise UsageError(f"frozen is {blocks}, but the backbone has not so many binary blocks")
    for part in (backbone.stem, backbone.stem_norm, *backbone.blocks[:blocks]):
        part.requires_grad_(False).eval()
        setattr(part, "train", lambda mode=True, part=part: part)  # noqa: B010
