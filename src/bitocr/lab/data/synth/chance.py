"""Small random choices, fast enough to make many per image: numpy's `choice` takes 10 us, these take 1 us."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

import numpy as np

T = TypeVar("T")


class Weighted(Generic[T]):
    """Draws things by weight: `Weighted({a: 3, b: 1})(rng)` is `a` three times out of four."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.items = [item for item, weight in weights.items() if weight > 0]
        self._sums = list(accumulate(weight for weight in weights.values() if weight > 0))

    def __call__(self, rng: np.random.Generator) -> T:
        return self.items[min(bisect(self._sums, rng.random() * self._sums[-1]), len(self.items) - 1)]


def happens(rng: np.random.Generator, probability: float) -> bool:
    return rng.random() < probability


def between(rng: np.random.Generator, low: float, high: float) -> float:
    return low + (high - low) * rng.random()


def whole(rng: np.random.Generator, low: int, high: int) -> int:
    """An integer in low..high, both included."""
    return low + int(rng.random() * (high - low + 1))


def pick(rng: np.random.Generator, items: Sequence[T]) -> T:
    return items[int(rng.random() * len(items))]
