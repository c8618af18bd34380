"""The layers of a statically quantized network; each keeps the parameter names of the float layer that it replaces."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.quant.fake import ActivationQuantizer, WeightQuantizer, across
from bitocr.lab.nn.quant.requantize import ConvQuantizer


class FoldedNorm(nn.BatchNorm2d):
    """A batch norm that is folded into the convolution before it: it only holds parameters and statistics.

    The statistics stay those of the float network, even in training, so the trained network is the exported one.
    """

    def forward(self, x: Tensor) -> Tensor:
        return x

    def folded(self) -> tuple[Tensor, Tensor]:
        """(gain, offset) float32 [C]: the norm is x * gain + offset."""
        assert self.running_mean is not None
        assert self.running_var is not None
        gain = self.weight / (self.running_var + self.eps).sqrt()
        return gain, self.bias - self.running_mean * gain


class FoldedConv(nn.Module):
    """A convolution without bias, and the batch norm behind it folded in: [N, in, H, W] -> [N, out, H', W'].

    In eval mode, with codes coming in and going out, it computes in integers, exactly, and what it gives are codes of
    the ReLU behind times their scale.

    Args:
        conv: what it stands for: its weight [out, in / groups, kh, kw], stride, padding and groups.
        norm: lies beside it in the network, where it is registered.
        bits: of a weight.
        input: quantizes what comes in, where the layer before does not already.
        before: the layer before's, which has quantized what comes in; None with `input`, or for the image.
        behind: quantizes the ReLU behind it; None if there is none.
    """

    def __init__(
        self,
        conv: Any,
        norm: FoldedNorm,
        bits: int,
        input: ActivationQuantizer | None = None,
        before: ActivationQuantizer | None = None,
        behind: ActivationQuantizer | None = None,
    ) -> None:
        super().__init__()
        self.weight: nn.Parameter = conv.weight
        self.stride, self.padding, self.groups = conv.stride, conv.padding, getattr(conv, "groups", 1)
        self.quantizer = ConvQuantizer(bits, len(self.weight), input or before, behind)
        self.input = input or nn.Identity()
        self._norm = (norm,)  # in a tuple, so that it is not registered twice
        if hasattr(conv, "threshold"):  # of a binary layer in its float stage: unused there and here, but stored
            self.threshold = conv.threshold

    def folded(self) -> tuple[Tensor, Tensor]:
        """The weight with the norm's gain in it, not yet quantized, and the bias: float32."""
        gain, offset = self._norm[0].folded()
        weight = self.weight * across(gain, self.weight)
        return weight, self.in_steps(offset, self.quantizer.scale(weight))

    def in_steps(self, bias: Tensor, scale: Tensor) -> Tensor:
        """A bias [out] as integer runtimes add it: a whole number of steps, where codes come in and go out."""
        if not self.quantizer.requantizes:
            return bias
        step = scale * self.quantizer.input_scale()
        return bias + ((bias / step).round() * step - bias).detach()  # as with all rounding, gradients pass straight

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(
            x.device.type, enabled=False
        ):  # 16 bits have no room for codes of 8 and what they add up to
            weight, bias = self.folded()
            x = self.input(x.float())
            if self.quantizer.requantizes and not self.training:
                return self.in_integers(x, weight, bias)
            return F.conv2d(x, self.quantizer(weight), bias, self.stride, self.padding, 1, self.groups)

    def in_integers(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """The same in codes: whole numbers, for whose sums float32 has room (2^24: 518 products of 255 and 127)."""
        scale, reads = self.quantizer.scale(weight), self.quantizer.input_scale()
        codes, weights = (x / reads).round(), self.quantizer.codes(weight).float()
        sums = F.conv2d(codes, weights, None, self.stride, self.padding, 1, self.groups).round().double()
        return self.quantizer.requantize(sums + (bias / (scale * reads)).round().view(-1, 1, 1), scale)


class QuantReLU(nn.Module):
    """ReLU, with its output in codes of 0 or more."""

    def __init__(self, bits: int, ranges: str) -> None:
        super().__init__()
        self.output = ActivationQuantizer(bits, signed=False, ranges=ranges)

    def forward(self, x: Tensor) -> Tensor:
        quantized: Tensor = self.output(F.relu(x))
        return quantized


class QuantLinear(nn.Linear):
    """A linear layer [..., in] -> [..., out] with quantized weight and input; bias, if any, and output are float32."""

    def __init__(self, linear: nn.Linear, bits: int, input: nn.Module) -> None:
        super().__init__(linear.in_features, linear.out_features, linear.bias is not None)
        self.quantizer = WeightQuantizer(bits, linear.out_features)
        self.input = input

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return F.linear(self.input(x.float()), self.quantizer(self.weight), self.bias)
