"""Collects the outputs of a network's inner layers for distillation, by temporary hooks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from bitocr.native.image import HEIGHT


@contextmanager
def outputs_of(layers: Sequence[nn.Module]) -> Iterator[list[Tensor]]:
    """A list that collects the layers' outputs within the `with`, in the order in which they run."""
    outputs: list[Tensor] = []
    handles = [layer.register_forward_hook(lambda _, __, output: outputs.append(output)) for layer in layers]
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def layer_shapes(backbone: nn.Module) -> list[tuple[int, int, int]]:
    """(channels, height, width) of each of the backbone's `layers` for an image of 32 x 64."""
    training = backbone.training
    backbone.eval()  # so that batch norms don't learn from it
    with outputs_of(backbone.layers()) as maps:  # type: ignore[operator]
        backbone(torch.zeros(1, 1, HEIGHT, 64, device=next(backbone.parameters()).device))
    backbone.train(training)
    return [(output.shape[1], output.shape[2], output.shape[3]) for output in maps]
