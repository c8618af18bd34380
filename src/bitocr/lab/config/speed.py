"""Faster ways to compute the same training."""

from __future__ import annotations

from typing import ClassVar

from bitocr.lab.config.settings import Count, Settings


class Speed(Settings, frozen=True):
    """Each gives the same losses and gradients as the plain way, but for rounding; see `bitocr bench train`."""

    called: ClassVar[str] = "speed"

    stacked: bool = True
    """The optimizer takes matrices of one shape together, in one batched product."""
    bias_free: bool = True
    """Binary convolutions train without their biases, which the batch norms behind them take out."""
    own_alphabets: bool = True
    """CTC reads the blank and the characters of each image's label, of thousands of classes."""
    log_every: Count = 10
    """Steps from one whose losses are shown to the next. In between nothing asks the device for a number."""
    graphs: bool = False
    """On a GPU, the optimizer's products are recorded as CUDA graphs, which saves launching each; elsewhere nothing."""


DEFAULT = Speed()
