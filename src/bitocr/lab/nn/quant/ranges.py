"""Calibration: finds the ranges of a quantized network's activations on images."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from bitocr.errors import UsageError
from bitocr.lab.nn.quant.fake import ActivationQuantizer, WeightQuantizer
from bitocr.lab.nn.quant.layers import FoldedConv, QuantLinear
from bitocr.lab.nn.quant.observers import BINS, OBSERVERS
from bitocr.lab.nn.quant.recurrent import QuantLSTM

Quantizers = list[ActivationQuantizer]


def activation_quantizers(net: nn.Module) -> Quantizers:
    return [module for module in net.modules() if isinstance(module, ActivationQuantizer)]


def is_calibrated(net: nn.Module) -> bool:
    """Whether all ranges are known. True for a network without ranges."""
    return all(bool(getattr(module, "calibrated", True)) for module in net.modules())


@torch.no_grad()
def calibrate(net: nn.Module, batches: Sequence[Tensor], observer: str = "minmax") -> None:
    """Sets all ranges of a quantized network in place, including learned scales of weights.

    Args:
        net: a network built with "quantize", with its float weights. Its mode does not change.
        batches: images, float [N, 1, 32, W].
        observer: one of `OBSERVERS`.

    Raises:
        UsageError: there is no such observer, there are no images, or activations are not finite.
    """
    if observer not in OBSERVERS:
        raise UsageError(f"observer is one of {', '.join(OBSERVERS)}, not {observer!r}")
    if not batches:
        raise UsageError("no images to calibrate on")
    training = net.training
    net.eval()
    calibrate_weights(net)
    quantizers = activation_quantizers(net)
    for quantizer in quantizers:
        quantizer.calibrated.fill_(False)  # leaves activations unquantized
    if quantizers:
        largest = measure_largest(net, quantizers, batches)
        counts = measure_histograms(net, quantizers, batches, largest)
        for quantizer, top, histogram in zip(quantizers, largest, counts, strict=True):
            quantizer.set_largest(OBSERVERS[observer](histogram.numpy(), top, quantizer.high + 1))
    net.train(training)


def calibrate_weights(net: nn.Module) -> None:
    """Sets the learned scales of weights."""
    for module in net.modules():
        if isinstance(module, FoldedConv):
            module.quantizer.calibrate(module.folded()[0])
        elif isinstance(module, QuantLinear):
            module.quantizer.calibrate(module.weight)
        elif isinstance(module, QuantLSTM):
            for name, quantizer in module.quantizers.items():
                assert isinstance(quantizer, WeightQuantizer)
                quantizer.calibrate(getattr(module, name))


@contextmanager
def inputs_of(quantizers: Quantizers, see: Callable[[int, Tensor], None]) -> Iterator[None]:
    """Within the `with`, calls `see` with the number and the input of each quantizer."""

    def hook(number: int) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        return lambda _, inputs: see(number, inputs[0])

    handles = [quantizer.register_forward_pre_hook(hook(number)) for number, quantizer in enumerate(quantizers)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def measure_largest(net: nn.Module, quantizers: Quantizers, batches: Sequence[Tensor]) -> list[float]:
    """The largest input |x| of each quantizer. Raises UsageError if one is not finite."""
    largest = [0.0] * len(quantizers)

    def see(number: int, x: Tensor) -> None:
        largest[number] = float(np.maximum(largest[number], float(x.abs().amax())))  # NaN stays NaN

    with inputs_of(quantizers, see):
        for batch in batches:
            net(batch)
    if not np.isfinite(largest).all():
        raise UsageError("the network's activations are not finite on these images: its weights are damaged")
    return largest


def measure_histograms(
    net: nn.Module, quantizers: Quantizers, batches: Sequence[Tensor], largest: Sequence[float]
) -> list[Tensor]:
    """The histogram of |x| > 0 for each quantizer, float64 in `BINS` bins up to the largest."""
    counts = [torch.zeros(BINS, dtype=torch.float64) for _ in quantizers]

    def see(number: int, x: Tensor) -> None:
        values = x.abs()
        values = values[values > 0].float()
        if len(values):
            counts[number] += torch.histc(values, BINS, 0, largest[number]).double().cpu()

    with inputs_of(quantizers, see):
        for batch in batches:
            net(batch)
    return counts
