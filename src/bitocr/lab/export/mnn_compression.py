"""How MNN's converter is to quantize each layer: entries of MNN.Compression.Pipeline.

Weights alone, which are decoded as the file is loaded and computed with in float32:

    {"opName": OPERATOR, "weight": [{"name": OPERATOR, "bits": 2, "asymmetric": false, "blockSize": -1}], ...}

A weight becomes round(w / scale) with scale = max |w| / (2^(bits-1) - 1) of its row: with 2 bits +-scale is exact.

Weights and activations, from ranges that training found; the entry is found by the name of the *output*, behind a ReLU:

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
"""Bits of a weight that are tried before 8."""
LINEAR = "__matmul_converted"
"""How MNN's names of linear layers end; those of an LSTM's four layers tell nothing."""


def exact_bits(weight: NDArray[np.float32]) -> int:
    """The fewest bits of 2, 4 and 8 in which MNN stores a weight [rows, ...] without changing it; 8 where none does."""
    rows = weight.reshape(len(weight), -1).astype(np.float64)
    largest = np.maximum(np.abs(rows).max(1, keepdims=True), 1e-30)
    for bits in WIDTHS:
        codes = rows / largest * (2 ** (bits - 1) - 1)
        if np.abs(codes - codes.round()).max() < 1e-4:
            return bits
    return 8


def convolutions(model: ModelProto) -> list[tuple[NodeProto, NDArray[np.float32]]]:
    """Every convolution of an ONNX file with its weight."""
    weights = initializers(model)
    return [(node, weights[node.input[1]]) for node in model.graph.node if node.op_type == "Conv"]


def initializers(model: ModelProto) -> dict[str, NDArray[Any]]:
    """An ONNX file's constants by their names."""
    from onnx import numpy_helper

    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def weight_entries(found: Sequence[Entry], model: ModelProto) -> list[Entry]:
    """What the converter found, each layer with as few bits as are exact; all layers of the LSTM with as many."""
    bits = {node.output[0]: exact_bits(weight) for node, weight in convolutions(model)} | linear_bits(model)
    lstm = lstm_bits(model)
    return [
        {**entry, "weight": [stored(entry, bits.get(name, 8 if name.endswith(LINEAR) else lstm))]}
        for entry, name in ((entry, entry["opName"]) for entry in found)
    ]


def linear_bits(model: ModelProto) -> dict[str, int]:
    """Of every linear layer, by the name that MNN gives it: after its output, or that of the sum with its bias."""
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
    """The fewest bits that are exact for both matrices of both directions."""
    weights = initializers(model)
    names = [name for node in model.graph.node if node.op_type == "LSTM" for name in node.input[1:3]]
    return max((exact_bits(weights[name].reshape(-1, weights[name].shape[-1])) for name in names), default=8)


def stored(entry: Entry, bits: int) -> Entry:
    return {"name": entry["opName"], "bits": bits, "asymmetric": False, "blockSize": -1}


def int8_entries(found: Sequence[Entry], model: ModelProto, layers: Sequence[QuantizedLayer]) -> list[Entry]:
    """Convolutions between two ranges in int8, the weights of all other layers alone.

    Args:
        found: what the converter found.
        model: the ONNX file that is converted.
        layers: its quantized layers, in the order in which they run.

    Raises:
        UsageError: no layer has a range on both sides, or activations have not 8 bits.
    """
    relus = {node.input[0]: node.output[0] for node in model.graph.node if node.op_type == "Relu"}
    entries = {}
    convs = [layer for layer in layers if layer.kind == "conv"]
    for (node, _), layer in zip(convolutions(model), convs, strict=True):
        if layer.input is not None and layer.output is not None:
            output = relus.get(node.output[0], node.output[0])
            entries[node.output[0]] = int8_entry(layer, node.input[0], layer.input, output, layer.output)
    if not entries:
        raise UsageError("no layer has a range on both sides, as MNN's int8 takes: export it packed")
    others = [entry for entry in weight_entries(found, model) if entry["opName"] not in entries]
    return [*entries.values(), *others]


def int8_entry(layer: QuantizedLayer, reads: str, before: Range, writes: str, behind: Range) -> Entry:
    """One convolution; `reads` and `writes` are its tensors' names."""
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
    """MNN.Compression.Pipeline of these entries."""
    parameters = {"roundMode": "ROUND_AWAY_FROM_ZERO", "layer": list(entries)}
    return {"version": "0.0.0", "algo": [{"type": "QUANTIZE", "quantParams": parameters}], "mnnUuid": "bitocr"}
