"""Small checkpoints with random weights, of every kind that can be exported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from bitocr.lab.data.charset import Charset
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.quant.ranges import calibrate
from bitocr.lab.train.task import to_input
from bitocr.lab.train.weights import save_weights
from bitocr.native.image import prepare
from networks import complete

BLOCKS = [[32, [1, 1]], [64, [2, 2]], [128, [2, 1]], [128, [1, 1]]]
WIDTHS = (16, 20, 100, 332)

KINDS: dict[str, dict[str, Any]] = {
    "binary": {},
    "float": {"stage": "float"},
    "mobilenet": {"arch": "mobilenet_crnn"},
    "engine": {"quantize": {"scheme": "engine"}},
    "static": {"arch": "mobilenet_crnn", "quantize": {"scheme": "static"}},
    "dynamic": {"arch": "mobilenet_crnn", "quantize": {"scheme": "dynamic"}},
    "4 bits": {"arch": "mobilenet_crnn", "quantize": {"scheme": "static", "weights": 4, "lstm": 4}},
    "float, static": {"stage": "float", "quantize": {"scheme": "static"}},
}


def lively(config: dict[str, Any]) -> CRNN:
    """A network whose every parameter matters: batch norms with gains of both signs, thresholds, slopes, shifts."""
    torch.manual_seed(0)
    net = build(config)
    for name, parameter in net.named_parameters():
        if parameter.requires_grad and any(part in name for part in ("norm", "act", "threshold")):
            parameter.data.normal_(0, 0.5)
    for name, buffer in net.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 50)
    return net.eval()


def prepared(width: int, seed: int = 0) -> np.ndarray:
    """A smooth picture, so that neighbouring pixels are correlated as in text."""
    small = np.random.default_rng(seed).integers(0, 256, (8, width // 4), np.uint8)
    return prepare(small, width)


def settled(config: dict[str, Any], images: torch.Tensor) -> CRNN:
    """A network with the batch norm statistics of these images, so that its signals neither vanish nor explode."""
    torch.manual_seed(0)
    net = build({key: value for key, value in config.items() if key != "quantize"})
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        net.train()(images)
        net.head.weight.mul_(20)
    return net.eval()


def save_checkpoint(path: Path, kind: str, **changes: Any) -> Path:
    """Writes a checkpoint of one of `KINDS`, calibrated if it has ranges."""
    config = complete({**KINDS[kind], "blocks": BLOCKS, "neck": {"type": "bilstm", "hidden": 24}, **changes})
    images = to_input(torch.from_numpy(np.stack([prepared(100, seed)[None] for seed in range(8)])))
    net = settled(config, images)
    if config.get("quantize"):
        quantized = build(config)
        quantized.load_state_dict(net.state_dict(), strict=False)
        net = quantized.eval()
        if config["quantize"]["scheme"] == "static":
            calibrate(net, [images])
    save_weights(path, net, {"name": kind, "network": config, "charset": Charset().characters})
    return path
