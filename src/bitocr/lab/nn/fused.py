"""The elementwise parts of a binary block, as functions that compile to one loop each.

torch runs an expression operation by operation, and each operation reads and writes the whole map. `torch.compile`
makes a single loop of each function, in C++ for CPUs and in Triton for GPUs. Compiling needs a compiler and takes some
seconds, so you turn it on with `compile_all`; otherwise the functions run as written.

Values are rows [N * H * W, C], the memory layout of a channels-last map [N, C, H, W]. Values per channel are vectors
[C].
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cached_property
from shutil import which
from textwrap import shorten
from typing import Any

import torch
from torch import Tensor

from bitocr.errors import BitocrWarning

COMPILERS = ("c++", "g++", "clang++", "cl")


class Fused:
    """A function of tensors, compiled on its first call after `compile_all`."""

    is_compiled = False

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    @cached_property
    def compiled(self) -> Callable[..., Any]:
        # The number of rows differs from batch to batch: compile one loop for all.
        return torch.compile(self.function, dynamic=True)

    def __call__(self, *args: Any) -> Any:
        if Fused.is_compiled:
            try:
                return self.compiled(*args)
            except RuntimeError as error:
                if not is_of_compiling(error):
                    raise
                Fused.is_compiled = False
                told = f"compile: {first_paragraph(error)}; training goes on without it, more slowly"
                warnings.warn(told, BitocrWarning, stacklevel=2)
        return self.function(*args)


def is_of_compiling(error: RuntimeError) -> bool:
    """Whether the compiler raised the error (broken, or without Python's headers), not the function itself.

    The only base that torch's errors share is RuntimeError, which running out of memory raises too.
    """
    from torch._dynamo.exc import TorchDynamoException, TorchRuntimeError  # slow to import
    from torch._inductor.exc import CppCompileError, InvalidCxxCompiler, OperatorIssue

    of_compiling = (TorchDynamoException, CppCompileError, InvalidCxxCompiler, OperatorIssue)
    return isinstance(error, of_compiling) and not isinstance(error, TorchRuntimeError)


def first_paragraph(error: Exception) -> str:
    """The first paragraph of the error as one line, without torch's hints on reporting."""
    return shorten(str(error).split("\n\n")[0], 200, placeholder=" ...")


def compile_all(wanted: bool = True) -> bool:
    """Turns compiling on or off for this process. Returns False if there is no C++ compiler."""
    Fused.is_compiled = wanted and any(which(name) for name in COMPILERS)
    return Fused.is_compiled


def rows_of(x: Tensor) -> Tensor:
    """[N, C, H, W] -> [N * H * W, C]; a view if the map is channels last."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def map_of(rows: Tensor, like: Tensor) -> Tensor:
    """[N * H * W, C] -> [N, C, H, W], channels last, with the size of `like`."""
    batch, channels, height, width = like.shape
    return rows.view(batch, height, width, channels).permute(0, 3, 1, 2)


def negative_mask(x: Tensor) -> Tensor:
    """-1 where x < 0, else 0, in x's dtype. Exact for any magnitude, and 3 times as fast as a comparison and a cast."""
    return x.floor().clamp_(-1, 0)


@Fused
def sign_minus_one(x: Tensor, threshold: Tensor) -> Tensor:
    """sign(x + threshold) - 1, in {0, -2}."""
    return negative_mask(x + threshold).mul_(2)


@Fused
def straight_through(x: Tensor, threshold: Tensor, grad: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """The straight-through gradients (Bengio et al. 2013, arXiv:1308.3432) of x and threshold: 1 inside the clip."""
    through = grad * ((x + threshold).abs() <= clip)
    return through, through.sum(0)


@Fused
def polynomial(x: Tensor, threshold: Tensor, grad: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """The same with the gradient 2 - 2|x| of Bi-Real Net (arXiv:1808.00278), stretched to the clip."""
    slope = (x + threshold).abs_().mul_(-2 / clip**2).add_(2 / clip).clamp_(min=0)
    through = slope.mul_(grad)
    return through, through.sum(0)


@Fused
def prelu_shift(x: Tensor, slope: Tensor, shift: Tensor) -> Tensor:
    """prelu(x, slope) + shift."""
    return torch.addcmul(shift, x.clamp(max=0), slope - 1).add_(x)


@Fused
def prelu_shift_gradient(x: Tensor, slope: Tensor, grad: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of x, of the slope and of the shift."""
    grad_slope = x.clamp(max=0).mul_(grad).sum(0)
    grad_x = negative_mask(x).mul_(1 - slope).add_(1).mul_(grad)
    return grad_x, grad_slope, grad.sum(0)
