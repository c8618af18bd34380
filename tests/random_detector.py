"""A small detector with random weights, for tests of the code around it. It finds lines where there are none."""

from __future__ import annotations

from typing import Any

import numpy as np

from bitocr.io import bitfile

BLOCKS = ((32, 32, 2), (32, 32, 2), (32, 32, 2), (32, 32, 2))
NECK = 32


def model(seed: int = 0, kernel: float = 0.0) -> bytes:
    """The detector's file. `kernel` is the mean of the kernel map's logits."""
    rng = np.random.default_rng(seed)
    out: dict[str, Any] = {}

    def block(name: str, cin: int, cout: int) -> None:
        one = (
            ("beta1", 0.3),
            ("scale1", 1 / np.sqrt(9 * cin)),
            ("bias1", 0.1),
            ("slope1", 0.3),
            ("shift1", 0.1),
            ("beta2", 0.3),
        )
        two = ("scale2", 1 / np.sqrt(cin)), ("bias2", 0.1), ("slope2", 0.3), ("shift2", 0.1)
        for size, parts in ((cin, one), (cout, two)):
            for part, scale in parts:
                out[f"{name}.{part}"] = (rng.standard_normal(size) * scale).astype(np.float16)
        out[f"{name}.conv1.weight"] = bitfile.signs(rng.standard_normal((cin, 3, 3, cin)))
        out[f"{name}.conv2.weight"] = bitfile.signs(rng.standard_normal((cout, 1, 1, cin)))

    def linear(name: str, inputs: int, outputs: int, bias: Any = 0.0) -> None:
        out[f"{name}.weight"] = rng.integers(-127, 128, (outputs, inputs), np.int8)
        out[f"{name}.scale"] = np.full(outputs, 0.02 / np.sqrt(inputs), np.float32)
        out[f"{name}.bias"] = (np.zeros(outputs) + bias).astype(np.float32)

    out["stem.weight"] = rng.integers(-127, 128, (32, 3, 3), np.int8)
    out["stem.scale"], out["stem.bias"] = np.full(32, 1 / 7000, np.float32), np.zeros(32, np.float32)
    for n, (cin, cout, _) in enumerate(BLOCKS):
        block(f"blocks.{n}", cin, cout)
    for name in ("merge16", "merge8"):
        block(name, NECK, NECK)
    for name, inputs in (("lateral4", 128), ("lateral8", 32), ("lateral16", 32), ("lateral32", 32)):
        linear(name, inputs, NECK)
    linear("head", NECK, 12, [kernel] * 4 + [0.0] * 4 + [-1.0] * 4)
    network = {
        "arch": "bit_det",
        "stem": 32,
        "blocks": [{"in": cin, "out": cout, "stride": [stride, stride]} for cin, cout, stride in BLOCKS],
        "neck": NECK,
        "maps": ["kernel", "height", "gap"],
    }
    return bitfile.dump({"network": network, "card": {"name": "random"}}, out)
