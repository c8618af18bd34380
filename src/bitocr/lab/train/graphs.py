"""CUDA graphs: record the GPU work of a function once, then replay it with one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


class Graphed:
    """A function of one tensor. On a GPU it is recorded once per shape; elsewhere it is simply called.

    The next call with a tensor of the same shape overwrites the result.
    """

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self.function = function
        self.recorded: dict[Any, tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}

    def __call__(self, x: Tensor) -> Tensor:
        if not x.is_cuda:
            return self.function(x)
        key = (x.shape, x.dtype, x.device)
        if key not in self.recorded:
            self.recorded[key] = self.record(x)
        graph, given, result = self.recorded[key]
        given.copy_(x)
        graph.replay()
        return result

    def record(self, x: Tensor) -> tuple[torch.cuda.CUDAGraph, Tensor, Tensor]:
        """The graph, the tensor that it reads and the one that it writes."""
        given, stream = x.clone(), torch.cuda.Stream(x.device)
        stream.wait_stream(torch.cuda.current_stream(x.device))
        with torch.cuda.stream(stream):  # libraries initialise in their first calls, which cannot be recorded
            for _ in range(2):
                self.function(given)
        torch.cuda.current_stream(x.device).wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        # Check this thread only: another may be pinning the memory of a batch.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            result = self.function(given)
        return graph, given, result
