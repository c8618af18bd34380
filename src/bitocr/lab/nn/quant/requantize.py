"""Turns the sums of an integer convolution into codes of its output, so that every runtime gets the same codes.

A sum is a whole number of steps, each the scale of the weight times that of the input. Behind the ReLU it becomes

    code = clamp(round(sum * step / scale of the output), 0, 255)         or, as a signed integer, 128 less

Runtimes do that in float32 and in ways of their own. ONNX Runtime multiplies and rounds ties to even. MNN adds the zero
point -128 first, in a depthwise convolution as a number of steps that is cut off behind the point, and rounds ties away
from zero. They agree where the zero point is an odd whole number of steps:

    zero = 128 * scale of the output / step

Whole, nothing is cut off. Odd, there are no ties: with code + 1/2 = sum * 128 / zero, (2 code + 1) zero = 256 sum would
be odd and even. The sum next to a tie lies 1 / (2 zero) of a code away from it, which float32 tells apart. The scale of
a weight moves for it by less than one part in `zero`, of which there are thousands.
"""

from __future__ import annotations

from torch import Tensor

from bitocr.lab.nn.quant.fake import INPUT_SCALE, ActivationQuantizer, WeightQuantizer

SMALLEST_WEIGHT_SCALE = 2e-6
"""MNN takes 1e-6 for smaller ones, and a bias must fit in 32 bits of steps."""


def nearest_odd(x: Tensor) -> Tensor:
    """Odd whole numbers, 1 or more."""
    return (((x - 1) / 2).round() * 2 + 1).clamp(min=1)


class ConvQuantizer(WeightQuantizer):
    """A convolution's weight: where codes come in and go out, the output's zero point is an odd number of steps.

    Args:
        bits, rows: see there.
        reads: the quantizer of the input; None for the image.
        writes: the quantizer of the ReLU after it; None if the output stays float.
    """

    def __init__(
        self, bits: int, rows: int, reads: ActivationQuantizer | None, writes: ActivationQuantizer | None
    ) -> None:
        super().__init__(bits, rows)
        self._ranges = (reads, writes)  # in a tuple, so that they are not registered twice

    @property
    def requantizes(self) -> bool:
        """Whether codes come in and go out, and both ranges are known."""
        reads, writes = self._ranges
        return writes is not None and bool(writes.calibrated) and (reads is None or bool(reads.calibrated))

    def input_scale(self) -> Tensor | float:
        reads = self._ranges[0]
        return INPUT_SCALE if reads is None else reads.scale()

    def zero(self, scale: Tensor) -> Tensor:
        """The output's zero point as a number of steps, float64 [rows], with this scale of the weight."""
        writes = self._ranges[1]
        assert writes is not None
        return -writes.zero_point * writes.scale().double() / (scale.double() * self.input_scale())

    def scale(self, weight: Tensor) -> Tensor:
        scale = super().scale(weight).clamp(min=SMALLEST_WEIGHT_SCALE)
        if not self.requantizes:
            return scale
        zero = self.zero(scale).detach()
        return (scale.double() * (zero / nearest_odd(zero))).float()

    def requantize(self, sums: Tensor, scale: Tensor) -> Tensor:
        """The output for sums [N, rows, H, W]: codes times their scale, float32. scale: of the weight."""
        writes = self._ranges[1]
        assert writes is not None
        zero = nearest_odd(self.zero(scale)).view(-1, 1, 1)
        codes = (sums.double() * -writes.zero_point / zero).round().clamp(writes.low, writes.high)
        return codes.float() * writes.scale()
