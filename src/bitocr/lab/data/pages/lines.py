"""The ground truth of a line: where it runs, and where its words are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]


@dataclass(frozen=True)
class Line:
    """A line of text in pixel-edge coordinates.

    Attributes:
        edges: float32 [K, 2, 2], the upper and lower edge of the ink at K places along the line, as (x, y).
        words: float32 [W, 2], where each word's ink begins and ends, as shares of the way along `edges`.
        legible: False if nobody could tell whether this is text. Training then leaves the place out.
        text: empty if unknown.
    """

    edges: Points
    words: Points
    legible: bool = True
    text: str = ""

    def mapped(self, move: Callable[[Points], Points]) -> Line:
        """The line with its points [N, 2] moved by `move`."""
        return replace(self, edges=move(self.edges.reshape(-1, 2)).reshape(-1, 2, 2).astype(np.float32))


def upright(left: float, top: float, right: float, bottom: float, words: Points, points: int = 5) -> Line:
    """A horizontal line that fills a box."""
    x = np.linspace(left, right, points, dtype=np.float32)
    edges = np.stack([np.stack([x, np.full_like(x, y)], -1) for y in (top, bottom)], 1)
    return Line(edges, words)


def resampled(edges: Points, shares: NDArray[np.floating]) -> Points:
    """Points at shares of the way along lines: [..., K, 2, 2], shares [..., N] -> [..., N, 2, 2].

    Shares below 0 or above 1 extrapolate the ends.
    """
    last = edges.shape[-3] - 1
    place = np.asarray(shares, np.float32) * last
    first = np.clip(np.floor(place), 0, last - 1).astype(int)
    rest = (place - first)[..., None, None]
    at = first[..., None, None]
    low = np.take_along_axis(edges, at, -3)
    return low + (np.take_along_axis(edges, at + 1, -3) - low) * rest
