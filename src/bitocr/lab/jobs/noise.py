"""Measures the effect of quantization on each layer: its bytes, and the noise of its weights and output in decibels.

    signal-to-noise = 10 log10( sum x^2 / sum (x - x^)^2 )

6 dB are one bit. The noise of an output comes from all layers up to that one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from math import log10
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.crnn import CRNN, BiLSTM
from bitocr.lab.nn.features import outputs_of
from bitocr.lab.nn.quant.engine import EngineStem
from bitocr.lab.nn.quant.engine_lstm import EngineLSTM
from bitocr.lab.nn.quant.engine_numbers import row_codes
from bitocr.lab.nn.quant.layers import FoldedConv, FoldedNorm, QuantReLU
from bitocr.lab.nn.quant.recurrent import MATRICES
from bitocr.lab.nn.quant.spec import QuantizedLayer, quantized_layers
from bitocr.lab.train.weights import RANGES


def decibels(signal: float, noise: float) -> float | None:
    """The signal-to-noise ratio in dB; None if there is no noise or no signal."""
    return round(10 * log10(signal / noise), 1) if signal > 0 and noise > 0 else None


def integer_layers(net: CRNN) -> list[QuantizedLayer]:
    """The layers of a quantized network that have integer weights, for any scheme."""
    stem = net.backbone.stem
    if not isinstance(stem, EngineStem):
        return quantized_layers(net)
    found = [("backbone.stem", "conv", 8, *row_codes(stem.weight))]
    if isinstance(net.neck, BiLSTM):
        lstm = net.neck.lstm
        assert isinstance(lstm, EngineLSTM)
        found += [(f"neck.lstm.{name}", "lstm", lstm.bits, *lstm.codes(name)) for name in MATRICES]
    for name in ("bottleneck", "head"):
        if (layer := getattr(net, name)) is not None:
            found.append((name, "linear", 8, *row_codes(layer.weight)))
    return [
        QuantizedLayer(name, kind, bits, codes.numpy(), scale.numpy(), None, None, None, name)
        for name, kind, bits, codes, scale in found
    ]


def is_quantized(net: CRNN) -> bool:
    """Whether the network was built with "quantize": every scheme replaces the head."""
    return type(net.head) is not nn.Linear


def float_weight(net: nn.Module, name: str) -> Tensor:
    """The weight of a `QuantizedLayer` before rounding, with batch norm folded in if the layer has it so."""
    owner, _, last = name.rpartition(".")
    if last in MATRICES:
        matrix: Tensor = getattr(net.get_submodule(owner), last)
        return matrix.detach()
    module = net.get_submodule(name)
    weight = module.folded()[0] if isinstance(module, FoldedConv) else module.weight
    assert isinstance(weight, Tensor)
    return weight.detach()


def layer_rows(net: CRNN) -> list[dict[str, Any]]:
    """A row for each layer with integer weights: name, kind, shape, bits, bytes as float32 and now, weight noise."""
    rows = []
    for layer in integer_layers(net):
        exact = float_weight(net, layer.name).double().numpy()
        noise = float(np.square(exact - layer.weight).sum())
        rows.append(
            {
                "name": layer.name,
                "kind": layer.kind,
                "shape": list(layer.codes.shape),
                "bits": layer.bits,
                "float_bytes": 4 * layer.codes.size,
                "bytes": layer_bytes(layer),
                "weight_db": decibels(float(np.square(exact).sum()), noise),
            }
        )
    return rows


def layer_bytes(layer: QuantizedLayer) -> int:
    """The bytes of a layer's codes and of a float32 scale per row."""
    return -(-layer.codes.size * layer.bits // 8) + 4 * len(layer.scale)


def parameter_bytes(net: CRNN) -> int:
    """The bytes of a network's parameters: quantized weights as integers, binary ones as bits, others as float32.

    A batch norm counts as gain and offset, or as an offset if it is folded.
    """
    layers = integer_layers(net) if is_quantized(net) else []
    integers = {layer.name for layer in layers}
    total = sum(layer_bytes(layer) for layer in layers)
    for name, parameter in net.named_parameters():
        owner = net.get_submodule(name.rpartition(".")[0])
        is_integer = name in integers or (name.rpartition(".")[0] in integers and name.endswith(".weight"))
        is_folded_gain = isinstance(owner, FoldedNorm) and name.endswith(".weight")
        if is_integer or is_folded_gain or name.endswith(RANGES):
            continue
        is_binary = isinstance(owner, BinaryConv2d) and owner.stage == "both" and name.endswith(".weight")
        total += -(-parameter.numel() // 8) if is_binary else 4 * parameter.numel()
    return total


def output_points(net: CRNN) -> list[str]:
    """The modules whose outputs are compared: ReLUs of a MobileNet, else blocks; neck, bottleneck and head."""
    if isinstance(net.backbone, BitBackbone):
        names = ["backbone.stem_norm", *(f"backbone.blocks.{index}" for index in range(len(net.backbone.blocks)))]
    else:
        names = [name for name, module in net.named_modules() if isinstance(module, (nn.ReLU, QuantReLU))]
    return names + [name for name in ("neck", "bottleneck", "head") if getattr(net, name) is not None]


@torch.no_grad()
def output_noise(exact: CRNN, quantized: CRNN, batches: Sequence[Tensor]) -> dict[str, float | None]:
    """The signal-to-noise ratio of each layer's output on images float [N, 1, 32, W], by the layer's name.

    Args:
        exact: the float network, in eval mode.
        quantized: the same network quantized, in eval mode.
    """
    names = output_points(exact)
    sums = {name: np.zeros(2) for name in names}
    for batch in batches:
        with ExitStack() as stack:
            ours, theirs = (
                stack.enter_context(outputs_of([net.get_submodule(name) for name in names]))
                for net in (quantized, exact)
            )
            quantized(batch)
            exact(batch)
        for name, noisy, clean in zip(names, ours, theirs, strict=True):
            sums[name] += [float(clean.double().square().sum()), float((clean - noisy).double().square().sum())]
    return {name: decibels(*values) for name, values in sums.items()}
