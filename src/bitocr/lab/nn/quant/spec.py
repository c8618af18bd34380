"""Describes a quantized network for exporters: its layers as integers, scales and zero points.

    net, card = load_weights("int8/weights.safetensors")     # card["network"]["quantize"] says how
    for layer in quantized_layers(net): ...                  # the numbers
    plain = float_copy(net)                                  # an ordinary float network with the same names and numbers

Pass `float_copy` to `torch.onnx.export`: it has convolutions with bias, no batch norms, and weights on the grid of
their codes. Its modules have the names of `QuantizedLayer`: if `output_name` is ``backbone.stem.2``, the layer's output
after ReLU fusion is called ``/backbone/stem/stem.2/Relu_output_0``. The exporter then only adds the ranges of
activations, as QuantizeLinear and DequantizeLinear or as MNN's JSON.

`IMAGE` quantizes the image, int8 / 32 from `bitocr.native.image.prepare`, without loss.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.quant.fake import INPUT_SCALE, ActivationQuantizer, WeightQuantizer
from bitocr.lab.nn.quant.layers import FoldedConv, FoldedNorm, QuantLinear, QuantReLU
from bitocr.lab.nn.quant.recurrent import MATRICES, QuantLSTM


@dataclass(frozen=True)
class Range:
    """The quantization of an activation to signed codes of `bits`: clamp(round(x / scale) + zero_point, low, high)."""

    scale: float
    zero_point: int
    bits: int = 8

    @property
    def low(self) -> int:
        """-128 with 8 bits: MNN's clampMin."""
        return -(2 ** (self.bits - 1))

    @property
    def high(self) -> int:
        """127 with 8 bits: MNN's clampMax."""
        return 2 ** (self.bits - 1) - 1


IMAGE = Range(INPUT_SCALE, 0)


@dataclass(frozen=True)
class QuantizedLayer:
    """A layer with quantized weights: weight ~ codes * scale[:, None, ...].

    Attributes:
        name: the module's name in `named_modules`; for an LSTM matrix the parameter's: "neck.lstm.weight_ih_l0".
        kind: "conv", "linear" or "lstm" (one entry per matrix, of which there are four).
        bits: the bits of a code, from -(2^(bits-1) - 1) to 2^(bits-1) - 1 (MNN's clampMin -127, clampMax 127).
        codes: int8 in the weight's shape, with batch norm folded in.
        scale: float32 [out], one per first index of the weight.
        bias: float32 [out], with batch norm folded in. If a convolution has input and output ranges, it is an integer
            times `scale` times the input's scale. None for a bottleneck and for LSTM matrices, whose module has biases.
        input: the range of the input; None if it stays float or has a dynamic range.
        output: the range of the output after the ReLU; None if it stays float (logits, terms of a sum).
        output_name: the module that gives `output`: the ReLU, or else the layer itself.
    """

    name: str
    kind: str
    bits: int
    codes: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32] | None
    input: Range | None
    output: Range | None
    output_name: str

    @property
    def weight(self) -> NDArray[np.float32]:
        """codes * scale, float32: the weight that the network uses."""
        return self.codes * self.scale.reshape(-1, *[1] * (self.codes.ndim - 1))


def quantized_layers(net: CRNN) -> list[QuantizedLayer]:
    """All quantized layers of a network with the scheme "static" or "dynamic", in the order in which they run.

    Raises:
        UsageError: the network is float, not calibrated, or binary (use `bitocr.lab.nn.bit.fold`).
    """
    layers: list[QuantizedLayer] = []
    incoming: Range | None = IMAGE
    for name, module in net.named_modules():
        if isinstance(module, FoldedConv):
            weight, bias = module.folded()
            reads = range_of(module.input, name) or incoming
            layers.append(layer_of(name, "conv", module.quantizer, weight, bias, reads))
            incoming = None
        elif isinstance(module, QuantReLU) and layers:
            incoming = range_of(module.output, name)
            layers[-1] = with_output(layers[-1], name, incoming)
        elif isinstance(module, QuantLSTM):
            for matrix in MATRICES:
                quantizer, weight = module.quantizers[matrix], getattr(module, matrix)
                assert isinstance(quantizer, WeightQuantizer)
                layers.append(layer_of(f"{name}.{matrix}", "lstm", quantizer, weight, None, None))
        elif isinstance(module, QuantLinear):
            reads = range_of(module.input, name)
            layers.append(layer_of(name, "linear", module.quantizer, module.weight, module.bias, reads))
    if not layers:
        raise UsageError("a network without quantized layers: bitocr quantize makes some")
    return layers


def range_of(quantizer: nn.Module, name: str) -> Range | None:
    """The range of a quantizer; None if it has no fixed one. Raises UsageError if it is not calibrated."""
    if not isinstance(quantizer, ActivationQuantizer):
        return None
    if not quantizer.calibrated:
        raise UsageError(f"{name} has no range yet: calibrate the network on images first")
    return Range(float(quantizer.scale().detach()), quantizer.zero_point, quantizer.bits)


@torch.no_grad()
def layer_of(
    name: str, kind: str, quantizer: WeightQuantizer, weight: Tensor, bias: Tensor | None, reads: Range | None
) -> QuantizedLayer:
    return QuantizedLayer(
        name=name,
        kind=kind,
        bits=quantizer.bits,
        codes=quantizer.codes(weight).contiguous().cpu().numpy(),
        scale=quantizer.scale(weight).float().cpu().numpy(),
        bias=None if bias is None else bias.detach().cpu().numpy(),
        input=reads,
        output=None,
        output_name=name,
    )


def with_output(layer: QuantizedLayer, name: str, output: Range | None) -> QuantizedLayer:
    """The same layer with the output of the ReLU `name`."""
    return QuantizedLayer(**{**layer.__dict__, "output": output, "output_name": name})


@torch.no_grad()
def float_copy(net: CRNN) -> CRNN:
    """A copy of float modules with the same names: quantized weights, folded norms, unquantized activations."""
    copy = deepcopy(net)
    for module in list(copy.modules()):
        for name, child in module.named_children():
            plain = plain_module(child)
            if plain is not None:
                setattr(module, name, plain.train(net.training))
    return copy


def plain_module(module: nn.Module) -> nn.Module | None:
    """The float module with the same weights; None if the module may stay."""
    if isinstance(module, FoldedConv):
        return plain_conv(module)
    if isinstance(module, FoldedNorm):
        return nn.Identity()
    if isinstance(module, QuantReLU):
        return nn.ReLU()
    if isinstance(module, QuantLSTM):
        lstm = nn.LSTM(module.input_size, module.hidden_size, bidirectional=True, batch_first=True)
        own = {name: getattr(module, name) for name, _ in lstm.named_parameters()}
        lstm.load_state_dict({**own, **{name: module.matrix(name) for name in MATRICES}})
        return lstm
    if isinstance(module, QuantLinear):
        linear = nn.Linear(module.in_features, module.out_features, module.bias is not None)
        linear.load_state_dict({**module.state_dict(), "weight": module.quantizer(module.weight)}, strict=False)
        return linear
    return None


def plain_conv(module: FoldedConv) -> nn.Conv2d:
    weight, bias = module.folded()
    channels, kernel = weight.shape[1] * module.groups, (weight.shape[2], weight.shape[3])
    conv = nn.Conv2d(channels, len(weight), kernel, module.stride, module.padding, groups=module.groups)
    conv.load_state_dict({"weight": module.quantizer(weight), "bias": bias})
    return conv
