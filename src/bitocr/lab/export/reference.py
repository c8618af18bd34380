"""The deploy form in torch: what the engine must compute, in the engine's own order of operations.

Up to the LSTM every number equals the engine's bit for bit: convolutions add integers, which float32 holds exactly, and
the rest is one rounding an operation, in the order that `engine/src/network.c` keeps too (no fused multiply-add).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from bitocr.lab.export.fold import Tensors


class Reference:
    """Runs folded tensors (`bitocr.lab.export.fold.fold`) on prepared images.

    Args:
        header: the "network" of model.bit's header.
        tensors: by their names in model.bit; binary weights as bool, True for -1.
    """

    def __init__(self, header: dict[str, Any], tensors: Tensors) -> None:
        self.header = header
        self.tensors = {name: torch.from_numpy(np.array(array)) for name, array in tensors.items()}

    def channel(self, name: str) -> Tensor:
        """A per-channel vector as float32 [C, 1, 1]."""
        return self.tensors[name].float()[:, None, None]

    def stem(self, prepared: NDArray[np.int8]) -> Tensor:
        image = torch.from_numpy(prepared.astype(np.float32))[None, None]
        weight = self.tensors["stem.weight"].float()[:, None]
        accumulated = F.conv2d(image, weight, None, 2, 1)[0]
        return accumulated * self.channel("stem.scale") + self.channel("stem.bias")

    def signs(self, x: Tensor, name: str) -> Tensor:
        below = (x + self.channel(name)) < 0
        return 1 - 2 * below.float()

    def convolve(self, signs: Tensor, name: str, stride: tuple[int, int]) -> Tensor:
        weight = 1 - 2 * self.tensors[name].permute(0, 3, 1, 2).float()
        edge = weight.shape[-1] // 2
        padded = F.pad(signs[None], (edge,) * 4, value=1.0)
        return F.conv2d(padded, weight, None, stride)[0].round()

    def activate(self, accumulated: Tensor, shortcut: Tensor, block: str, number: int) -> Tensor:
        y = accumulated * self.channel(f"{block}scale{number}") + self.channel(f"{block}bias{number}")
        y = y + shortcut
        y = torch.where(y >= 0, y, y * self.channel(f"{block}slope{number}"))
        return y + self.channel(f"{block}shift{number}")

    def block(self, x: Tensor, index: int) -> Tensor:
        """[in, H, W] -> [out, H / stride, W / stride]."""
        name = f"blocks.{index}."
        stride = tuple(self.header["blocks"][index]["stride"])
        accumulated = self.convolve(self.signs(x, name + "beta1"), name + "conv1.weight", stride)
        y = self.activate(accumulated, average_pool(x, stride), name, 1)
        accumulated = self.convolve(self.signs(y, name + "beta2"), name + "conv2.weight", (1, 1))
        shortcut = torch.cat([y, y])[: len(accumulated)]
        return self.activate(accumulated, shortcut, name, 2)

    def features(self, prepared: NDArray[np.int8]) -> Tensor:
        """Prepared int8 [32, W] -> float32 [T, C], bit for bit the engine's."""
        x = self.stem(prepared)
        for index in range(len(self.header["blocks"])):
            x = self.block(x, index)
        total = x[:, 0]
        for row in range(1, x.shape[1]):
            total = total + x[:, row]
        return (total * (1 / x.shape[1])).T

    def log_probs(self, prepared: NDArray[np.int8]) -> Tensor:
        """Prepared int8 [32, W] -> log-probabilities float32 [T, classes]."""
        x = self.features(prepared)
        if self.header["neck"]["type"] == "bilstm":
            x = self.lstm()(x[None])[0][0]
        if "head" in self.header:
            x = F.linear(x, self.rows("bottleneck"))
        return F.linear(x, self.rows("head"), self.tensors["head.bias"].float()).log_softmax(-1)

    def rows(self, layer: str) -> Tensor:
        """A layer's 8-bit weight as it was: each row times its scale."""
        return self.tensors[f"{layer}.weight"].float() * self.tensors[f"{layer}.scale"].float()[:, None]

    def lstm(self) -> nn.LSTM:
        hidden = self.header["neck"]["hidden"]
        channels = self.header["blocks"][-1]["out"]
        lstm = nn.LSTM(channels, hidden, bidirectional=True, batch_first=True)
        for direction, suffix in (("forward", ""), ("backward", "_reverse")):
            for kind in ("ih", "hh"):
                weight = self.tensors[f"lstm.{direction}.weight_{kind}"].float()
                scale = self.tensors[f"lstm.{direction}.scale_{kind}"].float()
                getattr(lstm, f"weight_{kind}_l0{suffix}").data = weight * scale[:, None]
            getattr(lstm, f"bias_ih_l0{suffix}").data = self.tensors[f"lstm.{direction}.bias"].float()
            getattr(lstm, f"bias_hh_l0{suffix}").data.zero_()
        return lstm.requires_grad_(False)


def average_pool(x: Tensor, stride: tuple[int, ...]) -> Tensor:
    """Mean over windows of `stride`, pairs added in the engine's order."""
    if stride[1] == 2:
        x = x[:, :, 0::2] + x[:, :, 1::2]
    if stride[0] == 2:
        x = x[:, 0::2] + x[:, 1::2]
    return x * (1 / (stride[0] * stride[1])) if stride != (1, 1) else x
