"""Adds fake quantization to a new network. Parameter names stay, so float weights can be loaded."""

from __future__ import annotations

from typing import Any

from torch import nn

from bitocr.lab.config.quantize import Quantize
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.quant.engine import EngineBlock, EngineLinear, EngineMean, EngineStem
from bitocr.lab.nn.quant.engine_lstm import EngineLSTM
from bitocr.lab.nn.quant.fake import ActivationQuantizer
from bitocr.lab.nn.quant.layers import FoldedConv, FoldedNorm, QuantLinear, QuantReLU
from bitocr.lab.nn.quant.recurrent import DynamicLSTM, DynamicQuantizer, QuantLSTM


def insert_quantization(net: nn.Module, settings: Quantize) -> None:
    """Quantizes a float CRNN in place, with the settings of `Network.quantization`."""
    assert settings.scheme is not None
    {"static": make_static, "dynamic": make_dynamic, "engine": make_engine}[settings.scheme](net, settings)


def make_static(net: Any, settings: Quantize) -> None:
    backbone = net.backbone
    if isinstance(backbone, BitBackbone):
        fold_pair(backbone, "stem", "stem_norm", settings.edges)
        for block in backbone.blocks:
            for number in (1, 2):
                reads = ActivationQuantizer(settings.activations, True, settings.ranges)
                fold_pair(block, f"conv{number}", f"norm{number}", settings.weights, reads)
    else:
        before = fold_sequence(backbone.stem, settings, settings.edges, None)
        for block in backbone.blocks:
            before = fold_sequence(block, settings, settings.weights, before)
    if net.neck is not None:
        net.neck.lstm = QuantLSTM(net.neck.lstm, settings.lstm)
    for name in linear_layers(net):
        reads = ActivationQuantizer(settings.activations, True, settings.ranges)
        setattr(net, name, QuantLinear(getattr(net, name), settings.edges, reads))


def make_dynamic(net: Any, settings: Quantize) -> None:
    if net.neck is not None:
        net.neck.lstm = DynamicLSTM(net.neck.lstm, settings.lstm)
    for name in linear_layers(net):
        setattr(net, name, QuantLinear(getattr(net, name), settings.edges, DynamicQuantizer()))


def make_engine_backbone(backbone: Any) -> None:
    """Makes the binary backbone of any network compute like the engine."""
    norm = folded_norm(backbone.stem_norm)
    backbone.stem_norm = norm
    backbone.stem = EngineStem(backbone.stem, norm)
    for index, block in enumerate(backbone.blocks):
        backbone.blocks[index] = EngineBlock(block)


def make_engine(net: Any, settings: Quantize) -> None:
    make_engine_backbone(net.backbone)
    net.mean = EngineMean()
    if net.neck is not None:
        net.neck.lstm = EngineLSTM(net.neck.lstm, settings.lstm)
    for name in linear_layers(net):
        setattr(net, name, EngineLinear(getattr(net, name)))


def linear_layers(net: Any) -> list[str]:
    """The names of the layers after the neck."""
    return ["head"] if net.bottleneck is None else ["bottleneck", "head"]


def folded_norm(norm: nn.BatchNorm2d) -> FoldedNorm:
    return FoldedNorm(norm.num_features, norm.eps)


def fold_pair(
    module: Any,
    conv: str,
    norm: str,
    bits: int,
    reads: ActivationQuantizer | None = None,
    before: ActivationQuantizer | None = None,
    behind: ActivationQuantizer | None = None,
) -> None:
    """Folds a module's batch norm named `norm` into its convolution named `conv`."""
    folded = folded_norm(getattr(module, norm))
    setattr(module, norm, folded)
    setattr(module, conv, FoldedConv(getattr(module, conv), folded, bits, reads, before, behind))


def fold_sequence(
    layers: nn.Sequential, settings: Quantize, bits: int, before: ActivationQuantizer | None
) -> ActivationQuantizer | None:
    """Does the same for each Conv2d, BatchNorm2d and ReLU of a sequence, and quantizes the outputs of the ReLUs.

    Args:
        before: the quantizer of the sequence's input; None for the image.

    Returns:
        The quantizer of the sequence's output.
    """
    for index, layer in enumerate(layers):
        if isinstance(layer, nn.Conv2d):
            layers[index + 2] = relu = QuantReLU(settings.activations, settings.ranges)
            fold_pair(layers, str(index), str(index + 1), bits, before=before, behind=relu.output)
            before = relu.output
    return before
