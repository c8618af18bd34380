"""RPReLU (ReActNet, arXiv:2003.03488), with a gradient that is cheap on CPUs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from bitocr.lab.nn.fused import map_of, prelu_shift, prelu_shift_gradient, rows_of


class PReLUShift(torch.autograd.Function):
    """prelu(x, slope) + shift per channel; x [N, C, H, W], slope and shift [1, C, 1, 1] of the same dtype.

    PyTorch's PReLU spends a fifth of a training step in its backward pass; this one takes a few vector operations.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: Tensor, shift: Tensor) -> Tensor:
        ctx.save_for_backward(x, slope)
        return map_of(prelu_shift(rows_of(x), slope.flatten(), shift.flatten()), x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:  # type: ignore[override]
        x, slope = ctx.saved_tensors
        grad_x, grad_slope, grad_shift = prelu_shift_gradient(rows_of(x), slope.flatten(), rows_of(grad))
        return map_of(grad_x, x), grad_slope.view_as(slope), grad_shift.view_as(slope)


class RPReLU(nn.Module):
    """PReLU with a learnable slope per channel and a bias after it.

    It leaves out ReActNet's bias before the PReLU: each RPReLU here follows a sum with a batch norm in it, whose bias
    has the same effect.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.full((1, channels, 1, 1), 0.25))
        self.shift = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return PReLUShift.apply(x, self.slope.to(x.dtype), self.shift.to(x.dtype))
