"""Fake quantization: a network computes in float32 with the values of its int8 form.

A number x is rounded to a whole number of steps and converted back to float:

    code = clamp(round(x / scale), low, high)        round to nearest, ties to even, as in ONNX's QuantizeLinear
    x^   = code * scale

* **Weights**: symmetric, with one scale per output channel (row). With 8 bits it is max |w| / 127, which needs no
  training. With fewer bits the scale is learned, since clipping then matters (LSQ, arXiv:1902.08153).
* **Activations**: one scale per tensor. Outputs of a ReLU have codes 0 ... 255, others -128 ... 127. The scale is
  learned through its logarithm (TQT, arXiv:1903.08066), so that Adam changes it by relative steps, or it is a moving
  average over batches (arXiv:1712.05877). Until it is calibrated, activations are not quantized.

Gradients pass straight through the rounding, and are 0 where values are clipped. The gradient of a scale is LSQ's:
code - x / scale inside the range, and the clipped code outside.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

INPUT_SCALE = 1 / 32
"""The scale of the image: its codes are 32 times the network's input (`bitocr.native.image.prepare`)."""

SMALLEST_SCALE = 1e-12
"""The scale of a row of zeros."""

MOMENTUM = 0.05
"""The weight of one batch in a moving average."""


class FakeQuantize(torch.autograd.Function):
    """x -> clamp(round(x / scale), low, high) * scale. `scale` broadcasts to the shape of x."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, low: int, high: int) -> Tensor:
        ratio = x / scale
        ctx.save_for_backward(ratio, scale)
        ctx.low, ctx.high = low, high
        return ratio.round().clamp_(low, high).mul_(scale)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None, None, None]:  # type: ignore[override]
        ratio, scale = ctx.saved_tensors
        rounded = ratio.round()
        codes = rounded.clamp(ctx.low, ctx.high)
        inside = rounded == codes
        grad_scale = None
        if ctx.needs_input_grad[1]:
            grad_scale = (grad * torch.where(inside, codes - ratio, codes)).sum_to_size(scale.shape)
        return grad * inside, grad_scale, None, None


def row_scale(weight: Tensor, limit: int = 127) -> Tensor:
    """max |w| / limit of each row: [rows, ...] -> float32 [rows]."""
    return (weight.detach().float().flatten(1).abs().amax(1) / limit).clamp(min=SMALLEST_SCALE)


class WeightQuantizer(nn.Module):
    """Quantizes a weight [rows, ...] symmetrically with a scale per row; codes from -limit to limit.

    With 8 bits it has no state. With fewer bits it learns `log_scale` [rows]; before `calibrate`, it uses max |w| /
    limit.
    """

    calibrated: Tensor

    def __init__(self, bits: int, rows: int) -> None:
        super().__init__()
        self.bits, self.limit = bits, 2 ** (bits - 1) - 1
        if bits < 8:
            self.log_scale = nn.Parameter(torch.zeros(rows))
            self.register_buffer("calibrated", torch.tensor(False))

    def scale(self, weight: Tensor) -> Tensor:
        """float32 [rows]."""
        if self.bits == 8:
            return row_scale(weight, self.limit)
        # No "if": reading `is_calibrated` from a GPU would wait for the GPU.
        return torch.where(self.calibrated, self.log_scale.exp(), row_scale(weight, self.limit))

    def codes(self, weight: Tensor) -> Tensor:
        """The codes, int8 in the shape of the weight."""
        ratio = weight / across(self.scale(weight), weight)
        return ratio.round().clamp(-self.limit, self.limit).to(torch.int8)

    def forward(self, weight: Tensor) -> Tensor:
        quantized: Tensor = FakeQuantize.apply(weight, across(self.scale(weight), weight), -self.limit, self.limit)
        return quantized

    @torch.no_grad()
    def calibrate(self, weight: Tensor) -> None:
        """Sets each learned scale to the one with the least squared error, of 40 shares of the row's largest weight."""
        if self.bits == 8:
            return
        largest = row_scale(weight, self.limit)
        candidates = [largest * (step / 40) for step in range(1, 41)]
        errors = torch.stack([squared_error(weight, scale, self.limit) for scale in candidates])
        self.log_scale.copy_(torch.stack(candidates).gather(0, errors.argmin(0)[None])[0].log())
        self.calibrated.fill_(True)


def across(rows: Tensor, weight: Tensor) -> Tensor:
    """[rows] -> [rows, 1, ...] with as many dimensions as the weight."""
    return rows.view(-1, *[1] * (weight.ndim - 1))


def squared_error(weight: Tensor, scale: Tensor, limit: int) -> Tensor:
    """The squared error of symmetric quantization per row: [rows, ...] -> [rows]."""
    quantized = FakeQuantize.apply(weight, across(scale, weight), -limit, limit)
    return (weight - quantized).square().flatten(1).sum(1)


class ActivationQuantizer(nn.Module):
    """Quantizes a tensor with one scale, learned or a moving average (see the module's docstring).

    Args:
        bits: the bits of a code.
        signed: True for codes of both signs with zero point 0. False for values of 0 or more, whose codes, as signed
            integers, begin at the lowest one, the zero point.
        ranges: "learned" or "average".
    """

    calibrated: Tensor
    log_scale: Tensor

    def __init__(self, bits: int, signed: bool, ranges: str) -> None:
        super().__init__()
        self.bits, self.signed, self.ranges = bits, signed, ranges
        self.zero_point = 0 if signed else -(2 ** (bits - 1))
        self.low = -(2 ** (bits - 1)) - self.zero_point
        self.high = self.low + 2**bits - 1
        if ranges == "learned":
            self.log_scale = nn.Parameter(torch.zeros(()))
        else:
            self.register_buffer("log_scale", torch.zeros(()))
        self.register_buffer("calibrated", torch.tensor(False))

    def scale(self) -> Tensor:
        return self.log_scale.exp()

    @torch.no_grad()
    def set_largest(self, largest: float) -> None:
        """Sets the scale that represents |x| up to `largest`, and marks the quantizer as calibrated."""
        self.log_scale.fill_(largest / self.high).clamp_(min=SMALLEST_SCALE).log_()
        self.calibrated.fill_(True)

    @torch.no_grad()
    def follow(self, x: Tensor) -> None:
        """Moves the average towards the range of this batch."""
        needed = (x.detach().abs().amax() / self.high).clamp(min=SMALLEST_SCALE)
        self.log_scale.copy_(self.scale().lerp(needed, MOMENTUM).log())

    def forward(self, x: Tensor) -> Tensor:
        if not self.calibrated:
            return x
        x = x.float()
        if self.training and self.ranges == "average":
            self.follow(x)
        quantized: Tensor = FakeQuantize.apply(x, self.scale(), self.low, self.high)
        return quantized
