"""Converts a trained binary CRNN for deployment: signs as bits, folded batch norms, 8-bit stem, LSTM and head.

The result is a plain dict of numpy arrays with the names of model.bit (see `engine/src/net/crnn.h`). The exporter
writes these arrays and `bitocr.lab.export.reference` computes with them, so both agree with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.config.network import Network, open_network
from bitocr.lab.nn.backbone import BinaryBlock, BitBackbone
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN, BiLSTM
from bitocr.lab.nn.quant.engine_numbers import fold_norm, half_vectors, row_codes
from bitocr.lab.nn.quant.fake import INPUT_SCALE
from bitocr.lab.nn.quant.recurrent import QuantLSTM
from bitocr.native.image import HEIGHT

Tensors = dict[str, NDArray[Any]]


def quantize_rows(weight: Tensor) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Quantizes symmetrically to 8 bits with one scale per first index: weight ~ int8 * scale[:, None, ...]."""
    codes, scale = row_codes(weight)
    return codes.contiguous().numpy(), scale.numpy()


@torch.no_grad()
def fold_stem(backbone: BitBackbone) -> Tensors:
    weight, scale = quantize_rows(backbone.stem.weight[:, 0])
    gain, offset = fold_norm(backbone.stem_norm)
    return {
        "stem.weight": weight,
        "stem.scale": (gain.numpy() * scale * INPUT_SCALE).astype(np.float32),
        "stem.bias": offset.numpy().astype(np.float32),
    }


def fold_conv(conv: BinaryConv2d, norm: nn.BatchNorm2d, activation: nn.Module, number: int) -> Tensors:
    """Folds a block's first or second binary convolution (`number`) and everything after it."""
    vectors = half_vectors(conv, norm, activation)
    return {
        # Bit 0 is +1 and bit 1 is -1; input channels are innermost.
        f"conv{number}.weight": (conv.weight.detach() < 0).permute(0, 2, 3, 1).contiguous().numpy(),
        **{f"{name}{number}": vector.numpy() for name, vector in vectors.items()},
    }


def fold_block(block: BinaryBlock) -> Tensors:
    return {
        **fold_conv(block.conv1, block.norm1, block.act1, 1),
        **fold_conv(block.conv2, block.norm2, block.act2, 2),
    }


def fold_lstm(lstm: nn.LSTM) -> Tensors:
    tensors: Tensors = {}
    for direction, suffix in (("forward", ""), ("backward", "_reverse")):
        for kind in ("ih", "hh"):
            name = f"weight_{kind}_l0{suffix}"
            codes, scale = lstm.codes(name) if isinstance(lstm, QuantLSTM) else row_codes(getattr(lstm, name))
            tensors[f"lstm.{direction}.weight_{kind}"] = codes.numpy()
            tensors[f"lstm.{direction}.scale_{kind}"] = scale.numpy()
        bias = getattr(lstm, f"bias_ih_l0{suffix}") + getattr(lstm, f"bias_hh_l0{suffix}")
        tensors[f"lstm.{direction}.bias"] = bias.detach().numpy()
    return tensors


def fold_linear(name: str, linear: nn.Linear) -> Tensors:
    """Folds the linear layer that the file calls `name`."""
    weight, scale = quantize_rows(linear.weight)
    bias = {} if linear.bias is None else {f"{name}.bias": linear.bias.detach().numpy()}
    return {f"{name}.weight": weight, f"{name}.scale": scale, **bias}


def fold_backbone(backbone: BitBackbone) -> Tensors:
    """Folds stem and blocks. Raises UsageError unless they are fully binary and have shortcuts."""
    tensors = fold_stem(backbone)
    for index, block in enumerate(backbone.blocks):
        assert isinstance(block, BinaryBlock)
        if block.conv1.stage != "both" or not block.shortcut:
            raise UsageError("model.bit needs binary weights and activations (stage: both) and shortcuts")
        tensors |= {f"blocks.{index}.{name}": array for name, array in fold_block(block).items()}
    return tensors


def fold(net: CRNN) -> Tensors:
    """All tensors of model.bit. Binary weights are bool arrays [out, kh, kw, in], True for -1.

    Raises:
        UsageError: the network is not a fully binary `bit_crnn` with shortcuts.
    """
    if not isinstance(net.backbone, BitBackbone):
        raise UsageError("only a bit_crnn becomes a model.bit; export other networks to ONNX")
    tensors = fold_backbone(net.backbone)
    if isinstance(net.neck, BiLSTM):
        tensors |= fold_lstm(net.neck.lstm)
    if net.bottleneck is not None:
        tensors |= fold_linear("bottleneck", net.bottleneck)
    return tensors | fold_linear("head", net.head)


def backbone_header(stem: int, blocks: Sequence[tuple[int, tuple[int, int]]]) -> dict[str, Any]:
    """The backbone's part of model.bit's header; each of `blocks` is (channels, (stride, stride))."""
    described, channels = [], stem
    for out_channels, stride in blocks:
        described.append({"in": channels, "out": out_channels, "stride": list(stride)})
        channels = out_channels
    return {"stem": stem, "blocks": described}


def network_header(config: Network | Mapping[str, Any]) -> dict[str, Any]:
    """The network's part of model.bit's header."""
    network = open_network(config)
    return {
        "arch": network.arch,
        "height": HEIGHT,
        **backbone_header(network.stem, [(block.channels, block.stride) for block in network.blocks]),
        "neck": network.neck.plain(),
        **({"head": network.head.plain()} if network.head else {}),
        "classes": network.classes,
    }
