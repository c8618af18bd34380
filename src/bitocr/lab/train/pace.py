"""How often rendered images are used, by whether training waits for them.

A worker renders about 0.6 to 1 ms an image, on a GPU a step of hundreds takes some 60 ms: what is rendered must be used
more than once where there are few cores, and only once where there are many. So the share of the time that training has
waited for batches tells: while it waits, images are used more often, and while it never does, less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic

from torch import Tensor

from bitocr.lab.data.stream import Batch

TOO_LONG, LONG, SHORT = 0.25, 0.10, 0.03
"""Shares of the time."""


def adapted(reuse: float, waited: float, limits: tuple[float, float]) -> float:
    """The reuse to go on with, after a share `waited` of the time was spent on waiting."""
    if waited > LONG:
        return min(limits[1], reuse * (1.25 if waited > TOO_LONG else 1.1))
    return max(limits[0], reuse / 1.1) if waited < SHORT else reuse


class Paced:
    """The batches of a loader, during which its stream's reuse is adapted.

    Args:
        batches: of workers.
        reuse: the stream's, in shared memory.
        limits: the least and the most of it.
        seconds: from one look at the waiting to the next.
    """

    def __init__(
        self, batches: Iterable[Batch], reuse: Tensor, limits: tuple[float, float], seconds: float = 10.0
    ) -> None:
        self.batches, self.reuse, self.limits, self.seconds = batches, reuse, limits, seconds

    def __iter__(self) -> Iterator[Batch]:
        batches = iter(self.batches)
        yield next(batches)  # for which workers have to start
        since, waited = monotonic(), 0.0
        while True:
            asked = monotonic()
            batch = next(batches, None)
            if batch is None:
                return
            now = monotonic()
            waited += now - asked
            if now - since >= self.seconds:
                self.reuse.fill_(adapted(float(self.reuse), waited / (now - since), self.limits))
                since, waited = now, 0.0
            yield batch
