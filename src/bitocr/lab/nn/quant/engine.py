"""The binary network's stem, blocks and head as the C engine computes them (docs/engine.md).

The LSTM is in `engine_lstm`, the number formats in `engine_numbers`.

In training, weights are rounded to 8 bits (the LSTM's to 8 or 4), and gradients pass straight through. Only the
activations of stem and head are rounded too; blocks and LSTM compute with floats. In eval mode every operation is the
engine's, in the same order, so all logits equal the engine's bit for bit: sums of integers are exact (in float64 where
float32 is too small), any other operation rounds once to float32, and e^x is the engine's polynomial. The binary blocks
then use the 16-bit floats of model.bit.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.backbone import BinaryBlock
from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.quant.engine_numbers import (
    activation_limit,
    exact_product,
    fake_steps,
    fold_norm,
    half_vectors,
    row_codes,
    step_codes,
)
from bitocr.lab.nn.quant.fake import INPUT_SCALE, WeightQuantizer, across, row_scale
from bitocr.lab.nn.quant.layers import FoldedNorm


class RoundThrough(torch.autograd.Function):
    """round(x) with the straight-through gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.round()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        return grad


class EngineStem(nn.Module):
    """The stem's convolution and batch norm, exact in training too: float [N, 1, 32, W] -> [N, C, 16, W / 2].

    Under autocast, training passes the output on in autocast's dtype; otherwise all shortcuts would be float32. `norm`
    is registered beside it in the network.
    """

    def __init__(self, conv: nn.Conv2d, norm: FoldedNorm) -> None:
        super().__init__()
        self.weight = conv.weight
        self._norm = (norm,)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            scale = row_scale(self.weight)
            codes = RoundThrough.apply(self.weight / across(scale, self.weight))
            sums = RoundThrough.apply(F.conv2d(x.float() / INPUT_SCALE, codes, None, 2, 1))
            gain, offset = fold_norm(self._norm[0])
            exact = sums * channels(gain * scale * INPUT_SCALE) + channels(offset)
        is_reduced = self.training and torch.is_autocast_enabled(x.device.type)
        return exact.to(torch.get_autocast_dtype(x.device.type)) if is_reduced else exact


def channels(vector: Tensor) -> Tensor:
    """[C] -> float32 [1, C, 1, 1]."""
    return vector.float().view(1, -1, 1, 1)


def average_pool(x: Tensor, stride: tuple[int, int]) -> Tensor:
    """The mean over windows of `stride` of x [..., H, W], added in the engine's order: over the width first.

    An odd last row or column counts twice, in place of its missing neighbour.
    """
    if stride[1] == 2:
        x = F.pad(x, (0, x.shape[-1] % 2, 0, 0), "replicate")
        x = x[..., 0::2] + x[..., 1::2]
    if stride[0] == 2:
        x = F.pad(x, (0, 0, 0, x.shape[-2] % 2), "replicate")
        x = x[..., 0::2, :] + x[..., 1::2, :]
    return x * (1 / (stride[0] * stride[1])) if stride != (1, 1) else x


class EngineBlock(BinaryBlock):
    """A binary block that computes like the engine in eval mode, and like the plain block in training."""

    def __init__(self, block: BinaryBlock) -> None:
        conv = block.conv1
        super().__init__(conv.weight.shape[1], len(block.conv2.weight), block.stride, conv.stage, conv.binarizer)
        self.load_state_dict(block.state_dict(), assign=True)

    def forward(self, x: Tensor) -> Tensor:
        if self.training:
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            y = engine_half(x.float(), self.conv1, self.norm1, self.act1, average_pool(x.float(), self.stride))
            return engine_half(y, self.conv2, self.norm2, self.act2, self.repeat(y))


def engine_half(x: Tensor, conv: BinaryConv2d, norm: nn.BatchNorm2d, act: nn.Module, shortcut: Tensor) -> Tensor:
    """Half a block: sign -> binary convolution -> scale, bias, shortcut, RPReLU, each operation as in the engine."""
    vectors = {name: channels(vector) for name, vector in half_vectors(conv, norm, act).items()}
    hidden = torch.where(x + vectors["beta"] < 0, -2.0, 0.0)
    signs = torch.where(conv.weight < 0, -1.0, 1.0)
    sums = F.conv2d(hidden, signs, signs.sum((1, 2, 3)), conv.stride, conv.padding).round()
    z = (sums * vectors["scale"] + vectors["bias"]) + shortcut
    return torch.where(z >= 0, z, z * vectors["slope"]) + vectors["shift"]


class EngineMean(nn.Module):
    """The mean over the height, added row by row as in the engine: [N, C, H, W] -> [N, C, W]."""

    def forward(self, x: Tensor) -> Tensor:
        rows = x.unbind(2)
        total = rows[0]
        for row in rows[1:]:
            total = total + row
        return total * (1 / len(rows))


class EngineLinear(nn.Linear):
    """The head [N, T, in] -> logits [N, T, classes], or the bottleneck before it, which has no bias."""

    def __init__(self, linear: nn.Linear) -> None:
        super().__init__(linear.in_features, linear.out_features, linear.bias is not None)
        self.quantizer = WeightQuantizer(8, linear.out_features)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            if self.training:
                return F.linear(fake_steps(x.float()), self.quantizer(self.weight), self.bias)
            codes, scale = row_codes(self.weight)
            return engine_linear(x.float(), codes, scale, self.bias)


def engine_linear(x: Tensor, weight: Tensor, scale: Tensor, bias: Tensor | None) -> Tensor:
    """The engine's linear layer, bit for bit.

    x float32 [..., in], weight int8 [out, in], scale and bias float32 [out] -> float32 [..., out].
    """
    codes, steps = step_codes(x, activation_limit(x.shape[-1]))
    product = exact_product(codes, weight) * (scale * steps)
    return product if bias is None else product + bias
