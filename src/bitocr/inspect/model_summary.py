"""A model's layers with their weights, bits, bytes and operations, from the file itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bitocr.io.bitfile import Tensor


@dataclass(frozen=True)
class Layer:
    """One layer. Weights multiply its inputs; `other` are the scales, biases, slopes and thresholds beside them.

    macs counts multiply-accumulates of weights for one line image: XOR and popcount in a binary layer, 8-bit weights
    elsewhere. minus is the share of weights that are -1 (NaN where they are not binary).
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    output: tuple[int, ...]  # [channels, height, width] or [time steps, features]
    weights: int
    weight_bytes: int
    other: int
    other_bytes: int
    macs: int
    binary: bool
    minus: float

    @property
    def bits_per_weight(self) -> float:
        return 8 * self.weight_bytes / self.weights


def layers(network: Mapping[str, Any], tensors: Mapping[str, Tensor], width: int) -> list[Layer]:
    """The layers of a sound bit_crnn, for an input [height, width]: the network's height, a width that 4 divides."""
    stem = network["stem"]
    h, w = network["height"] // 2, width // 2
    found = [_layer(tensors, "stem", ["weight"], "conv 3x3 / 2x2", (stem, h, w), h * w)]
    for n, block in enumerate(network["blocks"]):
        sh, sw = block["stride"]
        h, w = -(-h // sh), -(-w // sw)
        stride = "" if sh == sw == 1 else f" / {sh}x{sw}"
        name = f"blocks.{n}"
        found.append(_layer(tensors, f"{name}.conv1", ["weight"], f"conv 3x3{stride}", (block["in"], h, w), h * w))
        found.append(_layer(tensors, f"{name}.conv2", ["weight"], "conv 1x1", (block["out"], h, w), h * w))
    if network["neck"]["type"] == "bilstm":
        for direction in ("forward", "backward"):
            output = (w, network["neck"]["hidden"])
            found.append(_layer(tensors, f"lstm.{direction}", ["weight_ih", "weight_hh"], "lstm", output, w))
    if "head" in network:
        found.append(_layer(tensors, "bottleneck", ["weight"], "linear", (w, network["head"]["bottleneck"]), w))
    return [*found, _layer(tensors, "head", ["weight"], "linear", (w, network["classes"]), w)]


def _layer(
    tensors: Mapping[str, Tensor], name: str, parts: list[str], kind: str, output: tuple[int, ...], positions: int
) -> Layer:
    """One layer, whose weights are each used once at each of its output positions."""
    weights = [tensors[f"{name}.{part}"] for part in parts]
    inputs = sum(t.shape[-1] for t in weights)  # an LSTM's are the layer's input and its own last output
    others = _others(tensors, name)
    binary = weights[0].dtype == "b1"
    count = sum(t.size for t in weights)
    minus = float(np.unpackbits(weights[0].data).sum()) / count if binary else float("nan")
    return Layer(
        name,
        f"{'binary ' if binary else ''}{kind}",
        (*weights[0].shape[:-1], inputs),
        output,
        count,
        sum(t.data.nbytes for t in weights),
        sum(t.size for t in others),
        sum(t.data.nbytes for t in others),
        count * positions,
        binary,
        minus,
    )


def _others(tensors: Mapping[str, Tensor], name: str) -> list[Tensor]:
    """The tensors beside a layer's weights. A block's are called after its convolution: scale1 is conv1's."""
    block, dot, conv = name.rpartition(".conv")
    if dot:
        return [t for key, t in tensors.items() if key.startswith(f"{block}.") and key.endswith(conv)]
    return [t for key, t in tensors.items() if key.startswith(f"{name}.") and "weight" not in key]
