"""A reference of the engine in torch: the same operations in the same order.

All results except log_softmax equal the engine's bit for bit. Convolutions and products add integers exactly. Any other
operation rounds once, in the engine's order and without fused multiply-add. log_softmax needs a logarithm, which is the
C library's in the engine and torch's here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from bitocr.lab.nn.bit.fold import Tensors
from bitocr.lab.nn.quant.engine import average_pool, engine_linear
from bitocr.lab.nn.quant.engine_lstm import engine_direction


class Reference:
    """Runs folded tensors (`bitocr.lab.nn.bit.fold.fold`) on prepared images.

    Args:
        header: the "network" of model.bit's header.
        tensors: the tensors by their names in model.bit; binary weights as bool, True for -1.
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
        """Runs a block: [in, H, W] -> [out, H / stride, W / stride]."""
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
            x = torch.cat([self.direction(x, name) for name in ("forward", "backward")], 1)
        if "head" in self.header:
            x = engine_linear(x, *self.rows("bottleneck."), None)
        return engine_linear(x, *self.rows("head."), self.tensors["head.bias"].float()).log_softmax(-1)

    def rows(self, prefix: str, suffix: str = "") -> tuple[Tensor, Tensor]:
        """A matrix: int8 weight [out, in] and float32 scale [out]."""
        return self.tensors[f"{prefix}weight{suffix}"], self.tensors[f"{prefix}scale{suffix}"].float()

    def direction(self, x: Tensor, name: str) -> Tensor:
        """Runs the LSTM "forward" or "backward": float32 [T, C] -> [T, hidden]."""
        (weight_ih, scale_ih), (weight_hh, scale_hh) = (self.rows(f"lstm.{name}.", kind) for kind in ("_ih", "_hh"))
        bias = self.tensors[f"lstm.{name}.bias"].float()
        pairs = (weight_ih, weight_hh), (scale_ih, scale_hh)
        return engine_direction(x[None], *pairs, bias, backward=name == "backward")[0]
