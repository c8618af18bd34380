"""Turns the sums of an integer convolution into output codes that are the same in every runtime.

A sum is a whole number of steps; a step is the scale of the weight times that of the input. After the ReLU it becomes

    code = clamp(round(sum * step / scale of the output), 0, 255)         or, as a signed integer, 128 less

Runtimes compute this in float32 in different ways. ONNX Runtime multiplies and rounds ties to even. MNN first adds the
zero point -128 and rounds ties away from zero; in a depthwise convolution it truncates the zero point to a whole number
of steps. They agree if the zero point is an odd whole number of steps:

    zero = 128 * scale of the output / step

If it is whole, truncation changes nothing. If it is odd, there are no ties: code + 1/2 = sum * 128 / zero would mean (2
code + 1) zero = 256 sum, odd on the left and even on the right. The sum next to a tie is 1 / (2 zero) of a code away
from it, which float32 resolves. To make `zero` odd, the scale of a weight changes by less than one part in `zero`,
which is in the thousands.
"""

from __future__ import annotations

from torch import Tensor

from bitocr.lab.nn.quant.fake import INPUT_SCALE, ActivationQuantizer, WeightQuantizer

SMALLEST_WEIGHT_SCALE = 2e-6
"""The least scale: MNN replaces smaller ones by 1e-6, and a bias in steps must fit in 32 bits."""


def nearest_odd(x: Tensor) -> Tensor:
    """The nearest odd integers, at least 1."""
    return (((x - 1) / 2).round() * 2 + 1).clamp(min=1)


class ConvQuantizer(WeightQuantizer):
    """Quantizes a convolution's weight. If input and output are quantized, makes the zero point odd (see the module).

    Args:
        bits, rows: as in `WeightQuantizer`.
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
        """Whether input and output are quantized and both ranges are known."""
        reads, writes = self._ranges
        return writes is not None and bool(writes.calibrated) and (reads is None or bool(reads.calibrated))

    def input_scale(self) -> Tensor | float:
        reads = self._ranges[0]
        return INPUT_SCALE if reads is None else reads.scale()

    def zero(self, scale: Tensor) -> Tensor:
        """The output's zero point in steps, float64 [rows], for a scale of the weight."""
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
        """The output for sums [N, rows, H, W]: codes times their scale, float32. `scale` is the weight's."""
        writes = self._ranges[1]
        assert writes is not None
        zero = nearest_odd(self.zero(scale)).view(-1, 1, 1)
        codes = (sums.double() * -writes.zero_point / zero).round().clamp(writes.low, writes.high)
        return codes.float() * writes.scale()
