"""What an exporter needs to know about a quantized network: its layers as integers, scales and zero points.

    net, card = load_weights("int8/weights.safetensors")     # card["network"]["quantize"] says how
    for layer in quantized_layers(net): ...                  # the numbers
    plain = float_copy(net)                                  # an ordinary float network with the same names and numbers

`float_copy` is what goes to `torch.onnx.export`: convolutions with bias, no batch norms, weights that lie on the grid
of their codes. Its modules have the names of `QuantizedLayer`, so a layer's output after ReLU fusion is called
``/backbone/stem/stem.2/Relu_output_0`` where `output_name` is ``backbone.stem.2``. What is left is to put the
activations' ranges in: as QuantizeLinear and DequantizeLinear, or as MNN's JSON.

The image itself, int8 / 32 as `bitocr.native.image.prepare` makes it, is quantized without any loss by `IMAGE`.
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
    """How an activation becomes codes of `bits`, signed: clamp(round(x / scale) + zero_point, low, high)."""

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
    """One layer with quantized weights: weight ~ codes * scale[:, None, ...].

    Attributes:
        name: the module's, as of `named_modules`; of an LSTM matrix the parameter's: "neck.lstm.weight_ih_l0".
        kind: "conv", "linear" or "lstm" (one entry for each of its four matrices).
        bits: of a code; codes lie in -(2^(bits-1) - 1) ... 2^(bits-1) - 1 (MNN's clampMin -127, clampMax 127).
        codes: int8, the weight's shape, batch norm folded.
        scale: float32 [out], one for each first index of the weight.
        bias: float32 [out], batch norm folded; of a convolution with input and output, whole numbers times scale times
            the input's. None for a bottleneck, and for an LSTM matrix, whose biases are the module's own.
        input: of what comes in; None if it stays float or its range is found anew for every tensor.
        output: of what goes out behind the ReLU; None if it stays float (the logits, what goes into a sum).
        output_name: the module that `output` comes out of: the ReLU's, else the layer's own.
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
        """codes * scale, float32: what the network computes with."""
        return self.codes * self.scale.reshape(-1, *[1] * (self.codes.ndim - 1))


def quantized_layers(net: CRNN) -> list[QuantizedLayer]:
    """Every quantized layer of a network with the scheme "static" or "dynamic", in the order in which they run.

    Raises:
        UsageError: the network is float, or not calibrated, or a binary one, which `bitocr.lab.nn.bit.fold` exports.
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
    """Its range, or None if it has no fixed one. Raises UsageError if it is not calibrated."""
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
    """The same layer, whose output is that of the ReLU `name`."""
    return QuantizedLayer(**{**layer.__dict__, "output": output, "output_name": name})


@torch.no_grad()
def float_copy(net: CRNN) -> CRNN:
    """A copy made of float modules of the same names: weights on their grids, norms folded, activations as they are."""
    copy = deepcopy(net)
    for module in list(copy.modules()):
        for name, child in module.named_children():
            plain = plain_module(child)
            if plain is not None:
                setattr(module, name, plain.train(net.training))
    return copy


def plain_module(module: nn.Module) -> nn.Module | None:
    """The float module that computes with the same weights, or None for one that may stay as it is."""
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
