"""The layers of a statically quantized network. Each keeps the parameter names of the float layer that it replaces."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bitocr.lab.nn.quant.fake import ActivationQuantizer, WeightQuantizer, across
from bitocr.lab.nn.quant.requantize import ConvQuantizer


class FoldedNorm(nn.BatchNorm2d):
    """A batch norm folded into the convolution before it. It only holds parameters and statistics.

    The statistics stay those of the float network even in training, so the exported network is the trained one.
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
    """A convolution without bias, with the batch norm after it folded in: [N, in, H, W] -> [N, out, H', W'].

    In eval mode, if input and output are quantized, it computes exactly in integers. Its output is then the codes of
    the ReLU after it times their scale.

    Args:
        conv: the convolution to replace, with weight [out, in / groups, kh, kw], stride, padding and groups.
        norm: the batch norm, which is registered beside it in the network.
        bits: the bits of a weight.
        input: quantizes the input; None if the layer before does.
        before: the quantizer of the layer before; None with `input`, or for the image.
        behind: the quantizer of the ReLU after it; None if there is none.
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
        if hasattr(conv, "threshold"):  # a binary layer in its float stage stores it without using it
            self.threshold = conv.threshold

    def folded(self) -> tuple[Tensor, Tensor]:
        """The weight times the norm's gain, not yet quantized, and the bias: float32."""
        gain, offset = self._norm[0].folded()
        weight = self.weight * across(gain, self.weight)
        return weight, self.in_steps(offset, self.quantizer.scale(weight))

    def in_steps(self, bias: Tensor, scale: Tensor) -> Tensor:
        """A bias [out] as integer runtimes add it: a whole number of steps, if input and output are quantized."""
        if not self.quantizer.requantizes:
            return bias
        step = scale * self.quantizer.input_scale()
        return bias + ((bias / step).round() * step - bias).detach()  # the gradient passes straight through

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):  # 16 bits cannot hold sums of 8-bit codes
            weight, bias = self.folded()
            x = self.input(x.float())
            if self.quantizer.requantizes and not self.training:
                return self.in_integers(x, weight, bias)
            return F.conv2d(x, self.quantizer(weight), bias, self.stride, self.padding, 1, self.groups)

    def in_integers(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """The same in integer codes. float32 holds their sums exactly (2^24 is 518 products of 255 and 127)."""
        scale, reads = self.quantizer.scale(weight), self.quantizer.input_scale()
        codes, weights = (x / reads).round(), self.quantizer.codes(weight).float()
        sums = F.conv2d(codes, weights, None, self.stride, self.padding, 1, self.groups).round().double()
        return self.quantizer.requantize(sums + (bias / (scale * reads)).round().view(-1, 1, 1), scale)


class QuantReLU(nn.Module):
    """A ReLU with quantized output."""

    def __init__(self, bits: int, ranges: str) -> None:
        super().__init__()
        self.output = ActivationQuantizer(bits, signed=False, ranges=ranges)

    def forward(self, x: Tensor) -> Tensor:
        quantized: Tensor = self.output(F.relu(x))
        return quantized


class QuantLinear(nn.Linear):
    """A linear layer [..., in] -> [..., out] with quantized weight and input. Bias (if any) and output are float32."""

    def __init__(self, linear: nn.Linear, bits: int, input: nn.Module) -> None:
        super().__init__(linear.in_features, linear.out_features, linear.bias is not None)
        self.quantizer = WeightQuantizer(bits, linear.out_features)
        self.input = input

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return F.linear(self.input(x.float()), self.quantizer(self.weight), self.bias)
