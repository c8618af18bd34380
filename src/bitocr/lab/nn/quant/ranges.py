"""Calibration: finding the ranges of a quantized network's activations on images."""

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
    """Whether all ranges are known; also of a network that has none."""
    return all(bool(getattr(module, "calibrated", True)) for module in net.modules())


@torch.no_grad()
def calibrate(net: nn.Module, batches: Sequence[Tensor], observer: str = "minmax") -> None:
    """Sets all ranges of a quantized network, in place, learned scales of weights included.

    Args:
        net: built with "quantize", with its float weights; its mode stays what it is.
        batches: images, float [N, 1, 32, W].
        observer: one of `OBSERVERS`.

    Raises:
        UsageError: no such observer, no images, or activations that are not finite.
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
        quantizer.calibrated.fill_(False)  # so that activations pass as they are
    if quantizers:
        largest = measure_largest(net, quantizers, batches)
        counts = measure_histograms(net, quantizers, batches, largest)
        for quantizer, top, histogram in zip(quantizers, largest, counts, strict=True):
            quantizer.set_largest(OBSERVERS[observer](histogram.numpy(), top, quantizer.high + 1))
    net.train(training)


def calibrate_weights(net: nn.Module) -> None:
    """Sets the scales of weights where they are learned."""
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
    """Within the `with`, `see` is given the number of a quantizer and what comes into it."""

    def hook(number: int) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        return lambda _, inputs: see(number, inputs[0])

    handles = [quantizer.register_forward_pre_hook(hook(number)) for number, quantizer in enumerate(quantizers)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def measure_largest(net: nn.Module, quantizers: Quantizers, batches: Sequence[Tensor]) -> list[float]:
    """The largest |x| that came into each quantizer. Raises UsageError if one is not finite."""
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
    """Counts of |x| > 0 in `BINS` bins up to the largest, float64 for each quantizer."""
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
