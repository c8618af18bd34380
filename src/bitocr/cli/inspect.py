"""`bitocr inspect`: what a model file holds, layer by layer."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from bitocr.cli.options import add_json, add_model_argument
from bitocr.cli.output import BOLD, DIM, clean, print_json, print_table, styled
from bitocr.cli.parser import Parser, whole
from bitocr.defaults import MODEL

if TYPE_CHECKING:
    from bitocr.inspect.model_summary import Layer

DETAILS = "Below the layers it prints the model's characters, and its licence and training from its card."


def add_arguments(parser: Parser) -> None:
    add_model_argument(parser, nargs="?", default=MODEL)
    parser.add_argument(
        "--width",
        type=whole(16, 8192),
        default=320,
        metavar="PIXELS",
        help="Count the operations for a line of this width and a height of 32.",
    )
    add_json(parser)


def run(args: Namespace) -> None:
    report = describe(args.model, args.width // 4 * 4)
    if args.json:
        print_json(report, indent=2)
    else:
        _print(report)


def describe(model: str, width: int) -> dict[str, Any]:
    """Everything about a model, as plain values. Raises ModelError if the engine would not run it."""
    from bitocr.inspect.model_summary import layers
    from bitocr.io import bitfile, shipped
    from bitocr.native.engine import Engine

    path = shipped.find(model)
    Engine(path)
    header, tensors = bitfile.read(path)
    found = layers(header["network"], tensors, width)
    size = path.stat().st_size
    stored = sum(layer.weight_bytes + layer.other_bytes for layer in found)
    return {
        "file": str(path),
        "bytes": size,
        "width": width,
        "layers": [_as_dict(layer) for layer in found],
        "totals": {
            **_totals(found),
            "tensor_bytes": stored,
            "header_bytes": size - stored,
        },
        "network": header["network"],
        "charset": header["charset"],
        "calibration": header.get("calibration", {}),
        "card": header.get("card", {}),
    }


def _as_dict(layer: Layer) -> dict[str, Any]:
    result = {
        "name": layer.name,
        "kind": layer.kind,
        "shape": list(layer.shape),
        "output": list(layer.output),
        "parameters": layer.weights + layer.other,
        "weights": layer.weights,
        "weight_bytes": layer.weight_bytes,
        "bits_per_weight": round(layer.bits_per_weight, 4),
        "other_bytes": layer.other_bytes,
        "binary_macs": layer.macs if layer.binary else 0,
        "int8_macs": 0 if layer.binary else layer.macs,
    }
    return {**result, "minus_share": round(layer.minus, 4)} if layer.binary else result


def _totals(layers: list[Layer]) -> dict[str, Any]:
    binary = [layer for layer in layers if layer.binary]
    weights, weight_bytes = sum(layer.weights for layer in binary), sum(layer.weight_bytes for layer in binary)
    return {
        "parameters": sum(layer.weights + layer.other for layer in layers),
        "binary_layers": len(binary),
        "binary_weights": weights,
        "binary_bytes": weight_bytes,
        "one_bit_each": all(8 * layer.weight_bytes == layer.weights for layer in binary),
        "binary_macs": sum(layer.macs for layer in binary),
        "int8_macs": sum(layer.macs for layer in layers if not layer.binary),
    }


HEADER = ("layer", "kind", "weights", "output", "parameters", "bits/weight", "bytes", "+ other", "M MAC", "-1")


def _print(report: dict[str, Any]) -> None:
    layers = report["layers"]
    print(styled(clean(report["file"]), BOLD))
    dim = [number for number, layer in enumerate(layers) if not layer["binary_macs"]]
    print_table(HEADER, [_row(layer) for layer in layers], right=range(4, len(HEADER)), dim=dim)
    print()
    for name, text in _facts(report, report["totals"]):
        print(styled(f"{name:11}", DIM) + clean(text))


def _row(layer: dict[str, Any]) -> list[str]:
    return [
        layer["name"],
        layer["kind"],
        " x ".join(map(str, layer["shape"])),
        " x ".join(map(str, layer["output"])),
        f"{layer['parameters']:,}",
        f"{layer['bits_per_weight']:g}",
        f"{layer['weight_bytes']:,}",
        f"{layer['other_bytes']:,}",
        f"{(layer['binary_macs'] + layer['int8_macs']) / 1e6:.2f}",
        f"{layer['minus_share']:.1%}" if "minus_share" in layer else "",
    ]


def _facts(report: dict[str, Any], totals: dict[str, Any]) -> list[tuple[str, str]]:
    """The lines below the table, as (name, text)."""
    bits, size = totals["binary_weights"], totals["binary_bytes"]
    equal = "= {0:,}, one bit a weight" if totals["one_bit_each"] else "is not {0:,}"
    proof = f"{bits:,} weights in {size:,} bytes: {size:,} x 8 {equal.format(bits)}"
    facts = [
        ("size", f"{report['bytes']:,} bytes, {totals['header_bytes']:,} of them header and padding"),
        ("parameters", f"{totals['parameters']:,}"),
        ("binary", f"{totals['binary_layers']} layers, {proof}"),
        (
            "operations",
            f"32 x {report['width']}: {totals['binary_macs'] / 1e6:.1f} M binary MAC, "
            f"{totals['int8_macs'] / 1e6:.1f} M MAC with 8-bit weights",
        ),
        ("charset", f"{len(report['charset'])} characters: {report['charset'][:200]}"),
    ]
    facts.append(("confidence", _in_words(report["calibration"]) or "not calibrated: no probability"))
    card = report["card"] if isinstance(report["card"], dict) else {"card": report["card"]}
    return facts + [(str(key), _in_words(value)) for key, value in card.items()]


def _in_words(value: Any) -> str:
    """A value of the card on one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {_in_words(item)}" for key, item in value.items())
    if isinstance(value, list):
        return "; ".join(map(_in_words, value))
    return str(value)
