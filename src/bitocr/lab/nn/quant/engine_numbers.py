"""The engine's number formats: codes of weights and activations, their sums, and folded batch norms.

Weights are int8 with a scale per row. Activations are integers with a scale per time step, and limited so that no int32
sum can overflow. For a binary convolution, model.bit holds 16-bit floats beside the signs.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.binary import BinaryConv2d
from bitocr.lab.nn.quant.fake import FakeQuantize, WeightQuantizer


def activation_limit(inputs: int) -> int:
    """The largest activation code in a product over `inputs` (the engine's bitocr_lstm_activation_range)."""
    return min((2**31 - 1) // (128 * inputs), 2**15 - 1)


def step_codes(x: Tensor, limit: int) -> tuple[Tensor, Tensor]:
    """Quantizes x [..., n] by the engine's operations: integers in float32, and the scale [..., 1] of each step."""
    largest = x.abs().amax(-1, keepdim=True)
    limits = torch.full_like(largest, limit)  # torch computes number / tensor as number * (1 / tensor)
    factor = torch.where(largest > 0, limits / largest, 0.0)
    return (x * factor).clamp(-limit, limit).round(), largest / limits


def fake_steps(x: Tensor) -> Tensor:
    """Rounds activations [..., n] to the grid of their time step, with a straight-through gradient."""
    limit = activation_limit(x.shape[-1])
    scale = (x.detach().abs().amax(-1, keepdim=True) / limit).clamp(min=1e-30)
    quantized: Tensor = FakeQuantize.apply(x, scale, -limit, limit)
    return quantized


def row_codes(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Quantizes symmetrically to 8 bits: (int8 in the weight's shape, float32 scale [rows])."""
    weight, quantizer = weight.detach().float(), WeightQuantizer(8, len(weight))
    return quantizer.codes(weight), quantizer.scale(weight)


def exact_product(codes: Tensor, weight: Tensor) -> Tensor:
    """The engine's int32 sums, converted to float32: codes [..., in] and int8 [out, in] -> [..., out]."""
    return F.linear(codes.double(), weight.double()).float()


def fold_norm(norm: nn.BatchNorm2d) -> tuple[Tensor, Tensor]:
    """Batch norm in eval mode as (gain, offset) per channel, in double."""
    assert norm.running_var is not None
    assert norm.running_mean is not None
    gain = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
    return gain, norm.bias.double() - norm.running_mean.double() * gain


@torch.no_grad()
def half_vectors(conv: BinaryConv2d, norm: nn.BatchNorm2d, activation: nn.Module) -> dict[str, Tensor]:
    """The float16 vectors [C] of a binary convolution, by their names in model.bit."""
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
