"""Binary convolution: weights and activations in {+1, -1}, trained through latent real values.

Two conventions hold in training as in the C engine:

* ``sign(0) = +1``; as a bit, 0 is +1 and 1 is -1.
* a binary convolution is padded with **+1** (bit 0). Zeros would make the network ternary at its borders.

The padded sign tensor is never built. With ``s`` in {+1, -1} and ``h = s - 1`` in {0, -2},

    conv(pad_with_ones(s), w) = conv(pad_with_zeros(h), w) + sum(w)

because padding ``h`` with 0 pads ``s`` with 1, and an image of ones convolves to the sum of the weights. So an ordinary
zero-padded convolution with a bias is enough, at the speed of the float layer.

The published methods differ in a few options (`Binarizer`); `BINARIZERS` names the well-known combinations:

* ``bnn``     Courbariaux et al. 2016, arXiv:1602.02830: the straight-through estimator (Bengio et al. 2013,
  arXiv:1308.3432), nothing else.
* ``xnor``    Rastegari et al. 2016, arXiv:1603.05279: weights scaled by their mean magnitude per output channel.
* ``bireal``  Liu et al. 2018, arXiv:1808.00278: polynomial gradient, a real-valued shortcut around every convolution.
* ``reactnet`` Liu et al. 2020, arXiv:2003.03488: learnable thresholds (RSign) and RPReLU on top of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.config.network import Binarization
from bitocr.lab.nn.fused import map_of, negative_mask, polynomial, rows_of, sign_minus_one, straight_through

#: How far a layer is binarized. All three stages have the same parameters, so weights can move from one to the next.
STAGES: tuple[Binarization, ...] = get_args(Binarization)

#: The gradients of the sign of activations, by the name in `Binarizer.gradient`.
GRADIENTS = {"ste": straight_through, "poly": polynomial}


@dataclass(frozen=True)
class Binarizer:
    """The options in which the published methods differ.

    Attributes:
        scale: whether to multiply the signs of the weights by mean |w| per output channel.
        gradient: the gradient of the activations' sign: ``"ste"`` (1 inside the clip) or ``"poly"`` (2 - 2|x| inside).
        shortcut: whether every convolution has a real-valued shortcut.
        learnable: whether to use RSign and RPReLU; if not, the threshold is 0 and the sign is the only activation.
        clip: the largest |x| at which the activations' sign has a gradient; the polynomial is stretched to it.
    """

    scale: bool = True
    gradient: str = "poly"
    shortcut: bool = True
    learnable: bool = True
    clip: float = 1.0


BINARIZERS = {
    "bnn": Binarizer(scale=False, gradient="ste", shortcut=False, learnable=False),
    "xnor": Binarizer(gradient="ste", shortcut=False, learnable=False),
    "bireal": Binarizer(learnable=False),
    "reactnet": Binarizer(),
}


class SignMinusOne(torch.autograd.Function):
    """sign(x + threshold) - 1 of maps [N, C, H, W], in {0, -2}; threshold [1, C, 1, 1] of the same dtype."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, threshold: Tensor, gradient: str, clip: float) -> Tensor:
        ctx.save_for_backward(x, threshold)
        ctx.gradient, ctx.clip = GRADIENTS[gradient], clip
        return map_of(sign_minus_one(rows_of(x), threshold.flatten()), x)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:  # type: ignore[override]
        x, threshold = ctx.saved_tensors
        grad_x, grad_threshold = ctx.gradient(rows_of(x), threshold.flatten(), rows_of(grad), ctx.clip)
        return map_of(grad_x, x), grad_threshold.view_as(threshold), None, None


class SignOfWeight(torch.autograd.Function):
    """sign(w), with the straight-through gradient clipped to |w| <= 1."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return negative_mask(weight).mul_(2).add_(1)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:  # type: ignore[override]
        (weight,) = ctx.saved_tensors
        return grad * (weight.abs() <= 1)


def binarize_weight(weight: Tensor, scale: bool = True) -> Tensor:
    """Signs of the latent weights [out, in, kh, kw], times mean |w| per output channel if `scale`."""
    signs = SignOfWeight.apply(weight)
    return signs * weight.detach().abs().mean((1, 2, 3), keepdim=True) if scale else signs


@torch.no_grad()
def bound_latents(net: nn.Module) -> None:
    """Clamps the latent weights of every layer with binary weights to [-1, 1], in place.

    BinaryConnect does so after every step (Courbariaux et al. 2015, arXiv:1511.00363). Beyond 1 the straight-through
    gradient is 0, so a weight would never come back. Without the bound, Muon's steps of equal size had driven a third
    of the weights of some layers there.
    """
    for module in net.modules():
        if isinstance(module, BinaryConv2d) and module.stage == "both":
            module.weight.clamp_(-1, 1)


class BinaryConv2d(nn.Module):
    """RSign -> convolution, in one of the three stages (see `STAGES`).

    Input float [N, in, H, W], output [N, out, H / stride, W / stride]. ``threshold`` is RSign's bias: the layer takes
    the sign of ``x + threshold``. The stage ``float`` has no sign, no threshold, and zero padding.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: tuple[int, int] = (1, 1),
        stage: str = "both",
        binarizer: Binarizer = BINARIZERS["reactnet"],
    ) -> None:
        super().__init__()
        if stage not in STAGES:
            raise UsageError(f"unknown stage {stage!r}: choose one of {', '.join(STAGES)}")
        self.stride, self.padding, self.stage, self.binarizer = stride, kernel // 2, stage, binarizer
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel, kernel))
        nn.init.kaiming_normal_(self.weight, mode="fan_out")
        self.threshold = nn.Parameter(torch.zeros(1, in_channels, 1, 1))
        self.threshold.requires_grad_(binarizer.learnable and stage != "float")

    def forward(self, x: Tensor) -> Tensor:
        if self.stage == "float":
            return F.conv2d(x, self.weight, None, self.stride, self.padding)
        hidden, weight = self.operands(x)
        return F.conv2d(hidden, weight, weight.sum((1, 2, 3)), self.stride, self.padding)

    def without_bias(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The output without the bias, and the bias [out] without gradient."""
        hidden, weight = self.operands(x)
        return F.conv2d(hidden, weight, None, self.stride, self.padding), weight.detach().sum((1, 2, 3))

    def operands(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """sign(x + threshold) - 1, and the weight to convolve it with."""
        weight = binarize_weight(self.weight, self.binarizer.scale) if self.stage == "both" else self.weight
        threshold = self.threshold if self.binarizer.learnable else torch.zeros_like(self.threshold)
        hidden = SignMinusOne.apply(x, threshold.to(x.dtype), self.binarizer.gradient, self.binarizer.clip)
        return hidden, weight

    def extra_repr(self) -> str:
        out, in_channels, kernel, _ = self.weight.shape
        return f"{in_channels}, {out}, kernel={kernel}, stride={self.stride}, stage={self.stage}"
