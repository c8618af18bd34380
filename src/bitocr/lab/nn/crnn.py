"""CRNN (Shi et al., arXiv:1507.05717): backbone -> mean over height -> BiLSTM -> linear, read by CTC.

The network's config is a plain dict; it is saved in checkpoints and, in the form of the file format, in model.bit:

    {"arch": "bit_crnn", "stem": 32, "blocks": [[32, [1, 1]], [64, [2, 2]], ...],
     "neck": {"type": "bilstm", "hidden": 96}, "stage": "both", "binarizer": "reactnet", "clip": 1.5, "classes": 96}

Two keys more where they are wanted: "head" for a bottleneck (`bitocr.lab.nn.head`), "quantize" for a quantized network
(`bitocr.lab.nn.quant.scheme`).
"""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.backbone import BitBackbone
from bitocr.lab.nn.binary import BINARIZERS
from bitocr.lab.nn.head import complete_head
from bitocr.lab.nn.mobilenet import MobileNetBackbone
from bitocr.lab.nn.precision import at_least_float32
from bitocr.lab.nn.quant.insert import insert_quantization
from bitocr.lab.nn.quant.scheme import complete_quantize

HEIGHT = 32
OPTIONAL = ("head", "quantize")  # keys that stay out of a config where they are not given
WIDEST = 1 << 16  # channels, hidden units, classes

DEFAULTS: dict[str, dict[str, Any]] = {
    "bit_crnn": {
        "arch": "bit_crnn",
        "stem": 32,
        "blocks": [
            [32, [1, 1]],
            [64, [2, 2]],
            [64, [1, 1]],
            [128, [2, 1]],
            [128, [1, 1]],
            [128, [1, 1]],
            [256, [2, 1]],
            [256, [1, 1]],
        ],
        "neck": {"type": "bilstm", "hidden": 96},
        "stage": "both",
        "binarizer": "reactnet",
        "clip": 1.5,
        "classes": 96,
    },
    "mobilenet_crnn": {
        "arch": "mobilenet_crnn",
        "stem": 32,
        "blocks": [
            [64, [1, 1]],
            [128, [2, 2]],
            [128, [1, 1]],
            [256, [2, 1]],
            [256, [1, 1]],
            [256, [1, 1]],
            [512, [2, 1]],
            [256, [1, 1]],
        ],
        "neck": {"type": "bilstm", "hidden": 96},
        "classes": 96,
    },
}


class BiLSTM(nn.Module):
    """One bidirectional LSTM layer, [N, T, C] -> [N, T, 2 * hidden], always in float32 (its state accumulates)."""

    def __init__(self, in_channels: int, hidden: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(in_channels, hidden, bidirectional=True, batch_first=True)
        self.out_channels = 2 * hidden

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return self.lstm(at_least_float32(x))[0]


class MeanOverHeight(nn.Module):
    """[N, C, H, W] -> [N, C, W]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean(2)


class CRNN(nn.Module):
    """Text recognizer: float [N, 1, 32, W] -> logits float32 [N, W / 4, classes]; class 0 is the CTC blank."""

    def __init__(
        self, backbone: nn.Module, neck: nn.Module | None, channels: int, classes: int, bottleneck: int = 0
    ) -> None:
        super().__init__()
        self.backbone, self.mean, self.neck = backbone, MeanOverHeight(), neck
        self.bottleneck = nn.Linear(channels, bottleneck, bias=False) if bottleneck else None
        self.head = nn.Linear(bottleneck or channels, classes)

    def embed(self, x: Tensor) -> Tensor:
        """What the head sees: float [N, 1, 32, W] -> [N, W / 4, features]."""
        features = self.mean(self.backbone(x)).transpose(1, 2)
        if self.neck is not None:
            features = self.neck(features)
        return features if self.bottleneck is None else self.bottleneck(features)

    def forward(self, x: Tensor) -> Tensor:
        return at_least_float32(self.head(self.embed(x)))


def channels_last(net: CRNN) -> CRNN:
    """The network with its weights laid out as convolutions on CPUs like them; half as much time again without."""
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def complete(config: dict[str, Any]) -> dict[str, Any]:
    """The config with what is left out filled in from `DEFAULTS`; the `OPTIONAL` keys stay out where there are none.

    Raises:
        UsageError: an unknown architecture, key, binarizer or neck, numbers, blocks, head or quantize that are none.
    """
    arch = config.get("arch", "bit_crnn")
    if arch not in tuple(DEFAULTS):
        raise UsageError(f"unknown arch {arch!r}: choose one of {', '.join(DEFAULTS)}")
    unknown = sorted(str(key) for key in set(config) - {*DEFAULTS[arch], *OPTIONAL})
    if unknown:
        raise UsageError(f"unknown network key {unknown[0]!r} for {arch}: it has {', '.join(DEFAULTS[arch])}")
    full = {**DEFAULTS[arch], **{key: value for key, value in config.items() if key not in OPTIONAL}}
    check_numbers(full)
    if full.get("binarizer", "reactnet") not in tuple(BINARIZERS):
        raise UsageError(f"unknown binarizer {full['binarizer']!r}: choose one of {', '.join(BINARIZERS)}")
    check_blocks(full["blocks"])
    options = {
        "head": complete_head(config.get("head"), neck_outputs(full)),
        "quantize": complete_quantize(config.get("quantize"), full),
    }
    return {**full, **{key: value for key, value in options.items() if value is not None}}


def neck_outputs(config: dict[str, Any]) -> int:
    """Features of a time step before bottleneck and head."""
    return int(2 * config["neck"]["hidden"] if config["neck"]["type"] == "bilstm" else config["blocks"][-1][0])


def check_numbers(config: dict[str, Any]) -> None:
    """The counts are whole and sane, the clip is positive, the neck is one."""
    neck = config["neck"]
    if not isinstance(neck, dict):
        raise UsageError(f"network.neck is {{type: bilstm, hidden: 96}} or {{type: none}}, not {neck!r}")
    if neck.get("type") not in ("bilstm", "none"):
        raise UsageError(f"unknown neck {neck.get('type')!r}: choose bilstm or none")
    counts = {"stem": config["stem"], "classes": config["classes"]}
    if neck["type"] == "bilstm":
        counts["neck.hidden"] = neck.get("hidden")
    for name, count in counts.items():
        if type(count) is not int or not 1 <= count <= WIDEST:
            raise UsageError(f"network.{name} is a whole number from 1 to {WIDEST}, not {count!r}")
    clip = config.get("clip", 1.0)
    if type(clip) not in (int, float) or not 0 < clip < float("inf"):
        raise UsageError(f"network.clip is a number above 0, not {clip!r}")


def check_blocks(blocks: Any) -> None:
    """Blocks are [channels, [stride over height, stride over width]]; over the width one may halve, so T >= W / 4."""
    try:
        strides = [(height, width) for _, (height, width) in blocks]
        channels = [count for count, _ in blocks]
    except (TypeError, ValueError):
        raise UsageError("network.blocks is a list of [channels, [stride over height, over width]]") from None
    are_sane = channels and all(type(count) is int and 1 <= count <= WIDEST for count in channels)
    if not are_sane or not all(type(stride) is int and stride in (1, 2) for pair in strides for stride in pair):
        raise UsageError("network.blocks needs blocks with sane numbers of channels, and strides of 1 or 2")
    if prod(width for _, width in strides) > 2:
        raise UsageError("network.blocks may have one stride of 2 over the width: a time step every 4 columns, or 2")


def columns_per_step(config: dict[str, Any]) -> int:
    """How many columns of the image a network has for each step of its output: 2 or 4, the stem's stride included."""
    return 2 * prod(stride[1] for _, stride in complete(config)["blocks"])


def build(config: dict[str, Any]) -> CRNN:
    """A network with fresh weights from its config (see the module's docstring; `complete` fills in defaults)."""
    config = complete(config)
    blocks = [(channels, (stride[0], stride[1])) for channels, stride in config["blocks"]]
    if config["arch"] == "bit_crnn":
        binarizer = replace(BINARIZERS[config["binarizer"]], clip=config["clip"])
        backbone: nn.Module = BitBackbone(config["stem"], blocks, config["stage"], binarizer)
    else:
        backbone = MobileNetBackbone(config["stem"], blocks)
    channels = blocks[-1][0]
    neck = BiLSTM(channels, config["neck"]["hidden"]) if config["neck"]["type"] == "bilstm" else None
    bottleneck = config.get("head", {}).get("bottleneck", 0)
    net = CRNN(backbone, neck, neck_outputs(config), config["classes"], bottleneck)
    if "quantize" in config:
        insert_quantization(net, config["quantize"])
    return net
