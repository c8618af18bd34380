"""The elementwise parts of a binary block, as functions that can be compiled into one loop each.

torch runs an expression operation by operation, and each one reads and writes the whole map. `torch.compile` makes one
loop of each function, in C++ for CPUs and in Triton for GPUs. Compiling takes a compiler and some seconds, so
`compile_all` asks for it; without it the functions run as they are written.

Values come as rows [N * H * W, C], which is how a map [N, C, H, W] lies in memory with its channels last; what belongs
to a channel is a vector [C].
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
        # Every batch has another number of rows: one loop for all of them.
        return torch.compile(self.function, dynamic=True)

    def __call__(self, *args: Any) -> Any:
        if Fused.is_compiled:
            try:
                return self.compiled(*args)
            except RuntimeError as error:
                if not is_of_compiling(error):
                    raise
                Fused.is_compiled = False
                told = f"compile: {first_paragraph(error)}; training goes on without, and slower"
                warnings.warn(told, BitocrWarning, stacklevel=2)
        return self.function(*args)


def is_of_compiling(error: RuntimeError) -> bool:
    """Whether the error comes from the compiler (broken, or without Python's headers), not from the function itself.

    torch's errors have no other common base than RuntimeError, which memory that runs out is, too.
    """
    from torch._dynamo.exc import TorchDynamoException, TorchRuntimeError  # whose import would take seconds before
    from torch._inductor.exc import CppCompileError, InvalidCxxCompiler, OperatorIssue

    of_compiling = (TorchDynamoException, CppCompileError, InvalidCxxCompiler, OperatorIssue)
    return isinstance(error, of_compiling) and not isinstance(error, TorchRuntimeError)


def first_paragraph(error: Exception) -> str:
    """The first paragraph as one line; torch's hints on reporting come after it."""
    return shorten(str(error).split("\n\n")[0], 200, placeholder=" ...")


def compile_all(wanted: bool = True) -> bool:
    """Turns compiling on or off for this process. Returns False if there is no C++ compiler."""
    Fused.is_compiled = wanted and any(which(name) for name in COMPILERS)
    return Fused.is_compiled


def rows_of(x: Tensor) -> Tensor:
    """[N, C, H, W] -> [N * H * W, C], a view where the channels lie last."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])


def map_of(rows: Tensor, like: Tensor) -> Tensor:
    """[N * H * W, C] -> [N, C, H, W] with its channels last, of the size of `like`."""
    batch, channels, height, width = like.shape
    return rows.view(batch, height, width, channels).permute(0, 3, 1, 2)


def negative_mask(x: Tensor) -> Tensor:
    """-1 where x < 0, else 0, in x's dtype: three times as fast as a comparison and a cast, exact for any magnitude."""
    return x.floor().clamp_(-1, 0)


@Fused
def sign_minus_one(x: Tensor, threshold: Tensor) -> Tensor:
    """sign(x + threshold) - 1, in {0, -2}."""
    return negative_mask(x + threshold).mul_(2)


@Fused
def straight_through(x: Tensor, threshold: Tensor, grad: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """The gradients of x and of the threshold, where the sign counts as a line inside of the clip."""
    through = grad * ((x + threshold).abs() <= clip)
    return through, through.sum(0)


@Fused
def polynomial(x: Tensor, threshold: Tensor, grad: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """The same with Bi-Real's gradient 2 - 2|x|, stretched to the clip."""
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
