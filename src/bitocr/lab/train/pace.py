"""Adapts how often each rendered image is used to whether training waits for new ones.

A worker renders an image in about 0.6 to 1 ms, and a step of hundreds of images takes about 60 ms on a GPU. So images
must be used more than once where there are few cores, and only once where there are many. While training waits for
batches, images are used more often; while it never waits, less often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import monotonic

from torch import Tensor

from bitocr.lab.data.stream import Batch

TOO_LONG, LONG, SHORT = 0.25, 0.10, 0.03
"""Shares of time spent waiting: above LONG reuse grows, above TOO_LONG it grows faster, below SHORT it shrinks."""


def adapted(reuse: float, waited: float, limits: tuple[float, float]) -> float:
    """The next reuse, after training spent a share `waited` of the time waiting."""
    if waited > LONG:
        return min(limits[1], reuse * (1.25 if waited > TOO_LONG else 1.1))
    return max(limits[0], reuse / 1.1) if waited < SHORT else reuse


class Paced:
    """Passes on the batches of a loader, and adapts the reuse of its stream meanwhile.

    Args:
        batches: from the loader's workers.
        reuse: the stream's reuse, in shared memory.
        limits: the least and the greatest reuse.
        seconds: between two adaptations.
    """

    def __init__(
        self, batches: Iterable[Batch], reuse: Tensor, limits: tuple[float, float], seconds: float = 10.0
    ) -> None:
        self.batches, self.reuse, self.limits, self.seconds = batches, reuse, limits, seconds

    def __iter__(self) -> Iterator[Batch]:
        batches = iter(self.batches)
        yield next(batches)  # the first wait is for the workers to start
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
