"""Prepares a float ONNX file and its quantized layers for MNN's converter to int8.

Scales and biases are adjusted so that MNN computes the network's codes (`bitocr.lab.export.mnn_arithmetic`). Ordinary
operators round the input of a linear layer to its codes, since MNN computes such a layer in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from bitocr.lab.export.mnn_arithmetic import fitted
from bitocr.lab.nn.quant.spec import QuantizedLayer, Range


def fit(model: ModelProto, layers: Sequence[QuantizedLayer]) -> list[QuantizedLayer]:
    """Adjusts a float copy in place; `layers` are its quantized layers in the order in which they run."""
    convs, linears = (iter([node for node in model.graph.node if node.op_type == kind]) for kind in ("Conv", "MatMul"))
    return [
        fit_conv(model, next(convs), layer)
        if layer.kind == "conv"
        else fit_linear(model, next(linears), layer)
        if layer.kind == "linear"
        else layer
        for layer in layers
    ]


def fit_conv(model: ModelProto, node: NodeProto, layer: QuantizedLayer) -> QuantizedLayer:
    if layer.input is None or layer.output is None:
        return layer
    layer = fitted(layer, any(attribute.name == "group" and attribute.i > 1 for attribute in node.attribute))
    assert layer.bias is not None
    node.input[2] = constant(model, f"{layer.name}.bias.fitted", layer.bias)
    return layer


def constant(model: ModelProto, name: str, array: NDArray[np.float32]) -> str:
    model.graph.initializer.append(numpy_helper.from_array(array, name))
    return name


def fit_linear(model: ModelProto, node: NodeProto, layer: QuantizedLayer) -> QuantizedLayer:
    if layer.input is not None:
        round_input(model, node, f"{layer.name}.input", layer.input)
    return layer


def round_input(model: ModelProto, node: NodeProto, name: str, codes: Range) -> None:
    """Inserts clamp(round(x / scale)) * scale before a node; the zero point of signed inputs is 0."""
    parts = {"scale": codes.scale, "low": codes.low, "high": codes.high}
    scale, low, high = (constant(model, f"{name}.{part}", np.array(value, np.float32)) for part, value in parts.items())
    tensors = [node.input[0], *(f"{name}.{part}" for part in ("ratio", "rounded", "codes", "decoded"))]
    operators = [("Div", [scale]), ("Round", []), ("Clip", [low, high]), ("Mul", [scale])]
    place = list(model.graph.node).index(node)
    for step, (operator, constants) in enumerate(operators):
        new = helper.make_node(operator, [tensors[step], *constants], [tensors[step + 1]])
        model.graph.node.insert(place + step, new)
    node.input[0] = tensors[-1]
