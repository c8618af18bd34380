"""Converts a trained binary detector for deployment, with the names of page.bit (engine/src/net/detector.h)."""

from __future__ import annotations

from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.detector import BitDetector
from bitocr.lab.nn.bit.fold import Tensors, backbone_header, fold_backbone, fold_block, fold_linear
from bitocr.lab.nn.detector import LINEARS, MAPS, MERGES, Detector


def fold_detector(net: Detector) -> Tensors:
    """All tensors of page.bit. Binary weights are bool arrays [out, kh, kw, in], True for -1.

    Raises:
        UsageError: the network is not fully binary with shortcuts.
    """
    if not net.config.is_binary:
        raise UsageError("a detector's file needs binary weights and activations (stage: both)")
    tensors = fold_backbone(net.backbone)
    for name in MERGES:
        tensors |= {f"{name}.{part}": array for part, array in fold_block(getattr(net, name)).items()}
    for name in LINEARS:
        tensors |= fold_linear(name, getattr(net, name))
    return tensors


def detector_header(config: BitDetector) -> dict[str, Any]:
    """The network's part of page.bit's header."""
    blocks = [(block.channels, block.stride) for block in config.blocks]
    return {"arch": config.arch, **backbone_header(config.stem, blocks), "neck": config.neck, "maps": list(MAPS)}
