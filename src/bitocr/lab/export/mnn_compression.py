"""Tells MNN's converter how to quantize each layer, by entries of MNN.Compression.Pipeline.

Weights only (MNN decodes them when it loads the file, and computes in float32):

    {"opName": OPERATOR, "weight": [{"name": OPERATOR, "bits": 2, "asymmetric": false, "blockSize": -1}], ...}

A weight becomes round(w / scale), with scale = max |w| / (2^(bits-1) - 1) over its row. With 2 bits, +-scale is exact.

Weights and activations, from the ranges of training; MNN finds the entry by the name of the *output*, after a ReLU:

    {"input": [ACTIVATION], "weight": [{"name": ..., "bits": 8, "scales": [...], ...}], "output": [ACTIVATION], ...}
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

    from bitocr.lab.nn.quant.spec import QuantizedLayer, Range

Entry = dict[str, Any]
WIDTHS = (2, 4)
"""The bits to try for a weight before 8."""
LINEAR = "__matmul_converted"
"""The ending of MNN's names of linear layers; the names of an LSTM's four layers are of no use."""


def exact_bits(weight: NDArray[np.float32]) -> int:
    """The fewest bits (2, 4 or 8) in which MNN stores a weight [rows, ...] exactly; 8 if none is exact."""
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    largest = np.maximum(np.abs(rows).max(1, keepdims=True), 1e-30)
    for bits in WIDTHS:
        codes = rows / largest * (2 ** (bits - 1) - 1)
        if np.abs(codes - codes.round()).max() < 1e-4:
            return bits
    return 8


def convolutions(model: ModelProto) -> list[tuple[NodeProto, NDArray[np.float32]]]:
    """All convolutions of an ONNX file with their weights."""
    weights = initializers(model)
    return [(node, weights[node.input[1]]) for node in model.graph.node if node.op_type == "Conv"]


def initializers(model: ModelProto) -> dict[str, NDArray[Any]]:
    """The constants of an ONNX file by name."""
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def weight_entries(found: Sequence[Entry], model: ModelProto) -> list[Entry]:
    """The converter's entries, each with the fewest exact bits; all layers of the LSTM have the same number of bits."""
    bits = {node.output[0]: exact_bits(weight) for node, weight in convolutions(model)} | linear_bits(model)
    lstm = lstm_bits(model)
    return [
        {**entry, "weight": [stored(entry, bits.get(name, 8 if name.endswith(LINEAR) else lstm))]}
        for entry, name in ((entry, entry["opName"]) for entry in found)
    ]


def linear_bits(model: ModelProto) -> dict[str, int]:
    """The bits of each linear layer by MNN's name for it: that of its output, or of the sum with its bias."""
    weights = initializers(model)
    bits: dict[str, int] = {}
    for node in model.graph.node:
        if node.op_type == "MatMul":
            outputs = [
                node.output[0],
                *(other.output[0] for other in model.graph.node if node.output[0] in other.input),
            ]
            bits |= dict.fromkeys([f"{name}{LINEAR}" for name in outputs], exact_bits(weights[node.input[1]].T))
    return bits


def lstm_bits(model: ModelProto) -> int:
    """The fewest bits that are exact for both matrices of both directions of the LSTM."""
    weights = initializers(model)
    names = [name for node in model.graph.node if node.op_type == "LSTM" for name in node.input[1:3]]
    return max((exact_bits(weights[name].reshape(-1, weights[name].shape[-1])) for name in names), default=8)


def stored(entry: Entry, bits: int) -> Entry:
    return {"name": entry["opName"], "bits": bits, "asymmetric": False, "blockSize": -1}


def int8_entries(found: Sequence[Entry], model: ModelProto, layers: Sequence[QuantizedLayer]) -> list[Entry]:
    """Entries for int8 convolutions between two ranges, and for the weights of all other layers.

    Args:
        found: the converter's entries.
        model: the ONNX file to convert.
        layers: its quantized layers, in the order in which they run.

    Raises:
        UsageError: no layer has ranges of both input and output, or activations do not have 8 bits.
    """
    relus = {node.input[0]: node.output[0] for node in model.graph.node if node.op_type == "Relu"}
    entries = {}
    convs = [layer for layer in layers if layer.kind == "conv"]
    for (node, _), layer in zip(convolutions(model), convs, strict=True):
        if layer.input is not None and layer.output is not None:
            output = relus.get(node.output[0], node.output[0])
            entries[node.output[0]] = int8_entry(layer, node.input[0], layer.input, output, layer.output)
    if not entries:
        raise UsageError("no layer has a range on both sides, which MNN's int8 needs: export it packed")
    others = [entry for entry in weight_entries(found, model) if entry["opName"] not in entries]
    return [*entries.values(), *others]


def int8_entry(layer: QuantizedLayer, reads: str, before: Range, writes: str, behind: Range) -> Entry:
    """The entry of a convolution; `reads` and `writes` are the names of its tensors."""
    limit = 2 ** (layer.bits - 1) - 1
    weight = {"bits": layer.bits, "scales": layer.scale.tolist(), "clampMin": -limit, "clampMax": limit}
    return {
        "input": [activation(reads, before)],
        "weight": [{"name": f"{layer.name}.weight", **weight}],
        "output": [activation(writes, behind)],
        "method": "QAT",
    }


def activation(name: str, codes: Range) -> Entry:
    if codes.bits != 8:
        raise UsageError(f"MNN has activations of 8 bits, not {codes.bits}")
    return {
        "name": name,
        "bits": codes.bits,
        "scales": [codes.scale],
        "zeroPoint": codes.zero_point,
        "clampMin": codes.low,
        "clampMax": codes.high,
    }


def pipeline(entries: Sequence[Entry]) -> dict[str, Any]:
    """MNN.Compression.Pipeline with these entries."""
    parameters = {"roundMode": "ROUND_AWAY_FROM_ZERO", "layer": list(entries)}
    return {"version": "0.0.0", "algo": [{"type": "QUANTIZE", "quantParams": parameters}], "mnnUuid": "bitocr"}
