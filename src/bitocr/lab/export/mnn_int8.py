"""The float ONNX file that MNN's converter makes int8, and its layers as the converter is told them.

Scales and biases become those of which MNN makes the network's codes (`bitocr.lab.export.mnn_arithmetic`). What a
linear layer reads is rounded to its codes by ordinary operators, since MNN computes such a layer in float32.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper

from bitocr.lab.export.mnn_arithmetic import fitted
from bitocr.lab.nn.quant.spec import QuantizedLayer, Range


def fit(model: ModelProto, layers: Sequence[QuantizedLayer]) -> list[QuantizedLayer]:
    """Changes a float copy in place; `layers` are its quantized layers in the order in which they run."""
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
    """Puts clamp(round(x / scale)) * scale before a node; the zero point of what can be negative is 0."""
    parts = {"scale": codes.scale, "low": codes.low, "high": codes.high}
    scale, low, high = (constant(model, f"{name}.{part}", np.array(value, np.float32)) for part, value in parts.items())
    tensors = [node.input[0], *(f"{name}.{part}" for part in ("ratio", "rounded", "codes", "decoded"))]
    operators = [("Div", [scale]), ("Round", []), ("Clip", [low, high]), ("Mul", [scale])]
    place = list(model.graph.node).index(node)
    for step, (operator, constants) in enumerate(operators):
        new = helper.make_node(operator, [tensors[step], *constants], [tensors[step + 1]])
        model.graph.node.insert(place + step, new)
    node.input[0] = tensors[-1]
