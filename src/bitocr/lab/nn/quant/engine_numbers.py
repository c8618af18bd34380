"""The numbers that the engine computes with: codes of weights and activations, sums of them, folded batch norms.

Weights are int8 with a scale for each row. Activations are whole numbers up to a limit such that no int32 sum can
overflow, with a scale for each step in time. For a binary convolution, model.bit holds 16-bit floats beside the signs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.quant.fake import FakeQuantize, WeightQuantizer


def activation_limit(inputs: int) -> int:
    """The largest code of an activation in a product of `inputs`: bitocr_lstm_activation_range of the engine."""
    return min((2**31 - 1) // (128 * inputs), 2**15 - 1)


def step_codes(x: Tensor, limit: int) -> tuple[Tensor, Tensor]:
    """Whole numbers in float32 for x [..., n], and the scale [..., 1] of each step, in the engine's operations."""
    largest = x.abs().amax(-1, keepdim=True)
    limits = torch.full_like(largest, limit)  # a number divided by a tensor is a product with 1 / tensor in torch
    factor = torch.where(largest > 0, limits / largest, 0.0)
    return (x * factor).clamp(-limit, limit).round(), largest / limits


def fake_steps(x: Tensor) -> Tensor:
    """Activations [..., n] on the grids of their steps, with a gradient."""
    limit = activation_limit(x.shape[-1])
    scale = (x.detach().abs().amax(-1, keepdim=True) / limit).clamp(min=1e-30)
    quantized: Tensor = FakeQuantize.apply(x, scale, -limit, limit)
    return quantized


def row_codes(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Symmetric 8 bits: (int8 of the weight's shape, float32 scale [rows])."""
    weight, quantizer = weight.detach().float(), WeightQuantizer(8, len(weight))
    return quantizer.codes(weight), quantizer.scale(weight)


def exact_product(codes: Tensor, weight: Tensor) -> Tensor:
    """Sums of whole numbers as the engine's int32, then float32: [..., in] and int8 [out, in] -> [..., out]."""
    return F.linear(codes.double(), weight.double()).float()


def fold_norm(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Batch norm in eval mode as (gain, offset) per channel, in double."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return gain, norm.bias.double() - norm.running_mean.double() * gain


@torch.no_grad()
def half_vectors(conv: BinaryConv2d, norm: nn.BatchNorm2d, activation: nn.Module) -> dict[str, Tensor]:
    """The float16 vectors [C] of a binary convolution in model.bit, by their names there."""
    latent = conv.weight
    gain, offset = fold_norm(norm)
    magnitude = latent.abs().mean((1, 2, 3)).double() if conv.binarizer.scale else torch.ones_like(gain)
    vectors = {
        "beta": conv.threshold,
        "scale": gain * magnitude,
        "bias": offset,
        "slope": getattr(activation, "slope", torch.ones_like(gain)),
        "shift": getattr(activation, "shift", torch.zeros_like(gain)),
    }
    return {name: vector.flatten().half() for name, vector in vectors.items()}
