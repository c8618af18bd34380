"""Turns a quantized network into int8 ONNX: QuantizeLinear and DequantizeLinear (QDQ) around integer operators.

The float file of the network's `float_copy` has the right operators in the right order. This module makes its weights
int8 with a scale per row and its biases int32, and inserts a QDQ pair at each activation that training quantized. ONNX
Runtime fuses each operator between such pairs into an integer operator.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from ml_dtypes import int4
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, helper, numpy_helper, version_converter

from bitocr.errors import UsageError
from bitocr.lab.export.near_ties import bias_steps, scales
from bitocr.lab.export.onnx_arithmetic import fitted
from bitocr.lab.nn.quant.spec import QuantizedLayer, Range

#: The first version of ONNX with 4-bit integers, two of which are a byte.
INT4_OPSET = 21
#: torch stores the gates of an LSTM as i, f, g, o; ONNX as i, o, f, g.
GATES = (0, 3, 1, 2)


class Rewriter:
    """Changes an ONNX graph in place, layer by layer. `finish` puts the new nodes in order."""

    def __init__(self, model: ModelProto) -> None:
        self.graph = model.graph
        self.first: list[NodeProto] = []  # nodes that depend only on constants
        self.behind: dict[str, list[NodeProto]] = {}  # by the tensor that they read
        self.relus = {node.input[0]: node.output[0] for node in self.graph.node if node.op_type == "Relu"}

    def nodes(self, kind: str) -> list[NodeProto]:
        return [node for node in self.graph.node if node.op_type == kind]

    def constant(self, name: str, array: NDArray[Any]) -> str:
        self.graph.initializer.append(numpy_helper.from_array(np.array(array, order="C"), name))
        return name

    def decoded(self, name: str, codes: NDArray[Any], scale: NDArray[np.float32], axis: int, bits: int = 8) -> str:
        """The name of a new tensor codes * scale, with the scale along `axis`."""
        kind = int4 if bits == 4 else codes.dtype
        inputs = [
            self.constant(f"{name}.codes", codes.astype(kind)),
            self.constant(f"{name}.scale", scale),
            self.constant(f"{name}.zero_point", np.zeros(scale.shape, kind)),
        ]
        self.first.append(helper.make_node("DequantizeLinear", inputs, [f"{name}.decoded"], axis=axis))
        return f"{name}.decoded"

    def activation(self, tensor: str, codes: Range) -> str:
        """The name of `tensor` after quantizing and dequantizing."""
        name = f"{tensor}.decoded"
        if tensor not in self.behind:
            if codes.bits != 8:
                raise UsageError(f"ONNX has activations of 8 bits, not {codes.bits}")
            scale = self.constant(f"{tensor}.scale", np.array(codes.scale, np.float32))
            zero = self.constant(f"{tensor}.zero_point", np.array(codes.zero_point, np.int8))
            self.behind[tensor] = [
                helper.make_node("QuantizeLinear", [tensor, scale, zero], [f"{tensor}.codes"]),
                helper.make_node("DequantizeLinear", [f"{tensor}.codes", scale, zero], [name]),
            ]
        return name

    def finish(self) -> None:
        """Orders the nodes, and drops the float weights and biases that are no longer used."""
        ordered = [*self.first, *self.behind.get("image", [])]
        for node in self.graph.node:
            ordered += [node, *(new for name in node.output for new in self.behind.get(name, []))]
        read = {name for node in ordered if node.op_type != "Identity" for name in node.input}
        kept = [node for node in ordered if node.op_type != "Identity" or node.output[0] in read]
        read |= {name for node in kept for name in node.input}
        constants = [tensor for tensor in self.graph.initializer if tensor.name in read]
        for field, values in ((self.graph.node, kept), (self.graph.initializer, constants)):
            del field[:]
            field.extend(values)


def static(model: ModelProto, layers: Sequence[QuantizedLayer]) -> ModelProto:
    """Converts the float model of a "static" network to int8. Raises UsageError if activations do not have 8 bits."""
    if any(layer.bits == 4 for layer in layers):
        model = version_converter.convert_version(model, INT4_OPSET)
    rewriter = Rewriter(model)
    for node, layer in zip(rewriter.nodes("Conv"), of_kind(layers, "conv"), strict=True):
        rewrite_conv(rewriter, node, layer)
    for node, layer in zip(rewriter.nodes("MatMul"), of_kind(layers, "linear"), strict=True):
        rewrite_linear(rewriter, node, layer)
    matrices = of_kind(layers, "lstm")
    for index, node in enumerate(rewriter.nodes("LSTM")):
        rewrite_lstm(rewriter, node, matrices[4 * index : 4 * index + 4])
    rewriter.finish()
    return model


def of_kind(layers: Iterable[QuantizedLayer], kind: str) -> list[QuantizedLayer]:
    return [layer for layer in layers if layer.kind == kind]


def rewrite_conv(rewriter: Rewriter, node: NodeProto, layer: QuantizedLayer) -> None:
    """Quantizes the weight [out, in, kh, kw], input and output; also the bias, if input and output have ranges."""
    if layer.input is not None and layer.output is not None:
        layer = fitted(layer)
        # Sums of products have the same scale, so the bias is added to them as an integer.
        step = layer.scale * scales(layer)[0]
        codes = np.clip(bias_steps(layer), -(2**31) + 1, 2**31 - 129).astype(np.int32)
        node.input[2] = rewriter.decoded(f"{layer.name}.bias", codes, step, 0)
    node.input[1] = rewriter.decoded(f"{layer.name}.weight", layer.codes, layer.scale, 0, layer.bits)
    if layer.input is not None and not node.input[0].endswith(".decoded"):
        node.input[0] = rewriter.activation(node.input[0], layer.input)
    if layer.output is not None:
        tensor = rewriter.relus.get(node.output[0], node.output[0])
        decoded = rewriter.activation(tensor, layer.output)
        for reader in rewriter.graph.node:
            reader.input[:] = [decoded if name == tensor else name for name in reader.input]


def rewrite_linear(rewriter: Rewriter, node: NodeProto, layer: QuantizedLayer) -> None:
    """Quantizes the weight [in, out] (MatMul's order) and the input; bias and output stay float."""
    node.input[1] = rewriter.decoded(f"{layer.name}.weight", layer.codes.T, layer.scale, 1, layer.bits)
    if layer.input is not None:
        node.input[0] = rewriter.activation(node.input[0], layer.input)


def rewrite_lstm(rewriter: Rewriter, node: NodeProto, matrices: Sequence[QuantizedLayer]) -> None:
    """Quantizes the weights of both directions for inputs, [2, 4 H, C], and state, [2, 4 H, H]."""
    for place, pair in ((1, matrices[0::2]), (2, matrices[1::2])):
        codes = np.concatenate([gates(layer.codes) for layer in pair])
        scale = np.concatenate([gates(layer.scale) for layer in pair])
        flat = rewriter.decoded(pair[0].name, codes, scale, 0, pair[0].bits)
        shape = rewriter.constant(f"{pair[0].name}.shape", np.array([2, -1, codes.shape[1]]))
        node.input[place] = f"{pair[0].name}.both"
        rewriter.first.append(helper.make_node("Reshape", [flat, shape], [node.input[place]]))


def gates(rows: NDArray[Any]) -> NDArray[Any]:
    """Reorders rows [4 H, ...] from torch's order of gates to ONNX's."""
    blocks = np.split(rows, 4)
    return np.concatenate([blocks[gate] for gate in GATES])


def dynamic(model: ModelProto) -> ModelProto:
    """Converts the LSTM and head of a "dynamic" network's float model to int8, with ranges found at run time."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder, without_warnings():
        out = Path(folder) / "int8.onnx"
        quantize_dynamic(
            model,
            str(out),
            op_types_to_quantize=["MatMul", "LSTM"],
            per_channel=True,
            weight_type=QuantType.QInt8,
            extra_options={"WeightSymmetric": True},
        )
        return onnx.load(str(out))


@contextmanager
def without_warnings() -> Iterator[None]:
    """Hides ONNX Runtime's advice to fold batch norms: they are folded already."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
