"""Exports any recognizer to MNN: input float "image" [N, 1, 32, W] of any width, output "logits" [N, T, classes].

The only text field of an MNN file, "bizCode", holds charset and precision as JSON: {"charset": ..., "precision": ...}.
"""

from __future__ import annotations

import json
from pathlib import Path

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.export import mnn_compression
from bitocr.lab.export.mnn_convert import compressible, convert
from bitocr.lab.export.onnx import onnx_bytes
from bitocr.lab.export.source import Source, open_source
from bitocr.lab.nn.quant.spec import QuantizedLayer


def export_mnn(source: str | Path, out: str | Path, precision: str = "auto") -> None:
    """Converts a weights file or a model.bit to MNN. Replaces `out` atomically.

    Args:
        precision:
            "float": weights and arithmetic in float32.
            "half": weights in 16 bits, arithmetic in float32 or, if the processor has it, float16. Not for binary
            networks, where rounding would flip many signs.
            "packed": weights with as few bits as are exact (2 for binary layers, 4 if quantized to 4), else rounded
            to 8; arithmetic in float32.
            "int8": convolutions in int8 with the ranges of a checkpoint of `bitocr quantize`; other layers packed.
            "auto": int8 or packed for a quantized checkpoint, packed for a binary one, else float.

    Raises:
        ModelError: the source cannot be read, or the converter failed.
        UsageError: there is no such precision, or it does not suit the network.
    """
    opened = open_source(source)
    if precision == "auto":
        precision = automatic(opened)
    if precision not in ("float", "half", "packed", "int8"):
        raise UsageError(f"{out}: MNN has the precisions float, half, packed and int8, not {precision}")
    if precision == "half" and opened.binary:
        raise UsageError(f"{out}: half turns many signs of a binary network: take packed, which keeps them")
    write_atomic(out, converted(opened, precision))


def automatic(source: Source) -> str:
    """The precision that a checkpoint was made for."""
    if source.scheme == "static" and any(layer.input and layer.output for layer in source.layers()):
        return "int8"
    return "packed" if source.binary or source.scheme else "float"


def converted(source: Source, precision: str) -> bytes:
    """The MNN file's bytes."""
    name = str(source.path)
    layers = source.layers() if precision == "int8" else []
    model = onnx_bytes(source.packed() if precision == "packed" else source.plain())
    if layers:
        model, layers = fitted(model, layers)
    text = {"charset": source.card["charset"], "precision": precision}
    about = ("--bizCode", json.dumps(text, ensure_ascii=False))
    if precision == "float":
        # MNN's own LSTM is faster than a loop. (Only a loop's weights can be quantized.)
        return convert(name, model, *about, "--useOriginRNNImpl")
    if precision == "half":
        return convert(name, model, *about, "--fp16")
    return convert(name, model, *about, compression=mnn_compression.pipeline(entries(name, model, layers)))


def fitted(model: bytes, layers: list[QuantizedLayer]) -> tuple[bytes, list[QuantizedLayer]]:
    """Converts an ONNX file and its quantized layers to the form that MNN's int8 needs."""
    import onnx

    from bitocr.lab.export.mnn_int8 import fit

    graph = onnx.load_from_string(model)
    layers = fit(graph, layers)
    return graph.SerializeToString(), layers


def entries(name: str, model: bytes, layers: list[QuantizedLayer]) -> list[mnn_compression.Entry]:
    """How to quantize each layer of an ONNX file: with the ranges of `layers`; without ranges, only its weights."""
    import onnx

    found, graph = compressible(name, model), onnx.load_from_string(model)
    if not layers:
        return mnn_compression.weight_entries(found, graph)
    return mnn_compression.int8_entries(found, graph, layers)
