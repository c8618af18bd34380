"""Small models with random weights, for tests of the engine: header and tensors in numpy, and the file's bytes."""

from __future__ import annotations

from typing import Any

import numpy as np

from bitocr.io import bitfile

SMALL = ((32, 32, (1, 1)), (32, 64, (2, 2)), (64, 64, (2, 1)))
Blocks = tuple[tuple[int, int, tuple[int, int]], ...]


def header(
    charset: str = "ab", blocks: Blocks = SMALL, hidden: int = 8, bottleneck: int = 0, height: int = 32
) -> dict[str, Any]:
    """The header without tensors. hidden 0 means no neck, bottleneck 0 no bottleneck."""
    network = {
        "arch": "bit_crnn",
        "height": height,
        "stem": blocks[0][0],
        "blocks": [{"in": cin, "out": cout, "stride": list(stride)} for cin, cout, stride in blocks],
        "neck": {"type": "bilstm", "hidden": hidden} if hidden else {"type": "none"},
        "classes": len(charset) + 1,
    }
    if bottleneck:
        network["head"] = {"bottleneck": bottleneck}
    return {"network": network, "charset": charset, "card": {"name": "random"}}


def tensors(head: dict[str, Any], seed: int = 0, floats: str = "float16") -> dict[str, Any]:
    """Random tensors for a header: every per-channel float of both signs, activations of about unit size."""
    rng, network = np.random.default_rng(seed), head["network"]
    out: dict[str, Any] = {}

    def put(prefix: str, size: int, dtype: str = floats, **scales: float) -> None:
        for part, scale in scales.items():
            out[f"{prefix}.{part}"] = (rng.standard_normal(size) * scale).astype(dtype)

    def put_int8(prefix: str, part: str, *shape: int) -> None:
        out[f"{prefix}.{part}"] = rng.integers(-127, 128, shape, dtype=np.int8)

    def put_signs(prefix: str, part: str, *shape: int) -> None:
        out[f"{prefix}.{part}"] = bitfile.signs(rng.standard_normal(shape))

    put_int8("stem", "weight", network["stem"], 3, 3)
    put("stem", network["stem"], "float32", scale=1 / 7000, bias=0.1)
    for n, block in enumerate(network["blocks"]):
        name, cin, cout = f"blocks.{n}", block["in"], block["out"]
        put(name, cin, beta1=0.3, scale1=1 / np.sqrt(9 * cin), bias1=0.1, slope1=0.3, shift1=0.1, beta2=0.3)
        put(name, cout, scale2=1 / np.sqrt(cin), bias2=0.1, slope2=0.3, shift2=0.1)
        put_signs(name, "conv1.weight", cin, 3, 3, cin)
        put_signs(name, "conv2.weight", cout, 1, 1, cin)
    width, hidden = network["blocks"][-1]["out"], network["neck"].get("hidden", 0)
    for name in ("lstm.forward", "lstm.backward") if hidden else ():
        put_int8(name, "weight_ih", 4 * hidden, width)
        put_int8(name, "weight_hh", 4 * hidden, hidden)
        put(name, 4 * hidden, "float32", scale_ih=0.02 / np.sqrt(width), scale_hh=0.02 / np.sqrt(hidden), bias=0.3)
    width, bottleneck = 2 * hidden or width, network.get("head", {}).get("bottleneck", 0)
    if bottleneck:
        put_int8("bottleneck", "weight", bottleneck, width)
        put("bottleneck", bottleneck, "float32", scale=0.01 / np.sqrt(width))
        width = bottleneck
    put_int8("head", "weight", network["classes"], width)
    put("head", network["classes"], "float32", scale=0.1 / np.sqrt(width), bias=0.3)
    return out


def model(charset: str = "ab", blocks: Blocks = SMALL, hidden: int = 8, seed: int = 0, bottleneck: int = 0) -> bytes:
    """A valid model file."""
    head = header(charset, blocks, hidden, bottleneck)
    return bitfile.dump(head, tensors(head, seed))
