"""Options that speed up training without changing its results."""

from __future__ import annotations

from typing import ClassVar

from bitocr.lab.config.settings import Count, Settings


class Speed(Settings, frozen=True):
    """Each option gives the same losses and gradients as without it, up to rounding; see `bitocr bench train`."""

    called: ClassVar[str] = "speed"

    stacked: bool = True
    """Let the optimizer take matrices of one shape together, in one batched product."""
    bias_free: bool = True
    """Train binary convolutions without their biases, which the batch norms after them cancel."""
    own_alphabets: bool = True
    """Give CTC only the blank and the characters of each image's label, instead of thousands of classes."""
    log_every: Count = 10
    """The number of steps between two that show their losses. In between, nothing reads a number from the device."""
    graphs: bool = False
    """On a GPU, record the optimizer's products as CUDA graphs, which saves launching each. No effect elsewhere."""


DEFAULT = Speed()
