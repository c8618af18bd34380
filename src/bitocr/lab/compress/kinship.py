"""Which channels are kept where shortcuts tie a stream to the one before it, and in which order.

Channel k of a stream has the shortcut k mod w of the stream before, which is w wide (`bitocr.lab.nn.backbone.Repeat`):
its parent. So the channels are a forest, one tree for each channel of the stem, in which nobody has more than two
children. The pruned network's channels are a smaller forest of the same kind. Cutting is to lay the small forest into
the large one, parents onto parents, so that the importance of what is covered is as large as possible: every kept
channel keeps its shortcut, and the order of the channels is what the shortcuts need.

Within a tree the best place is found by recursion; it is unique up to equal importance. Which tree goes to which is
decided greedily: the stem's channels with the most important trees are kept, and of these, those get the larger of the
small trees that lose the most by the smaller.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import permutations
from typing import Any, NamedTuple

from bitocr.errors import UsageError

Shape = tuple[Any, ...]
"""A tree by its children's shapes; () is a channel without children."""


class Fit(NamedTuple):
    """A channel with its kept descendants, and the sum of their importance."""

    score: float
    channel: int
    children: tuple[Any, ...]  # a Fit for each child of the shape


IMPOSSIBLE = float("-inf")


class Forest:
    """The channels of streams of these widths, each at most twice as wide as the one before."""

    def __init__(self, widths: list[int]) -> None:
        self.widths = widths

    def children(self, stream: int, channel: int) -> list[int]:
        """The channels of the next stream whose shortcut this one is."""
        if stream + 1 == len(self.widths):
            return []
        return list(range(channel, self.widths[stream + 1], self.widths[stream]))

    def shape(self, stream: int, channel: int) -> Shape:
        return tuple(self.shape(stream + 1, child) for child in self.children(stream, channel))

    @cached_property
    def shapes(self) -> list[Shape]:
        """Of the stem's channels: from the largest to the smallest, as no channel has more kin than one before it."""
        return [self.shape(0, channel) for channel in range(self.widths[0])]


def keep_kin(scores: list[list[float]], widths: list[int]) -> list[list[int]]:
    """The channels to keep of each stream, in their new order.

    Args:
        scores: the importance of every channel of every stream.
        widths: how many are kept of each.

    Raises:
        UsageError: no such forest fits into that one.
    """
    old, new = Forest([len(row) for row in scores]), Forest(widths)

    @cache
    def fit(shape: Shape, stream: int, channel: int) -> Fit:
        """The best that a tree of this shape can cover from this channel on."""
        own, options = scores[stream][channel], []
        for order in permutations(old.children(stream, channel), len(shape)):
            children = tuple(fit(kin, stream + 1, child) for kin, child in zip(shape, order, strict=True))
            options.append(Fit(own + sum(child.score for child in children), channel, children))
        return max(options, default=Fit(IMPOSSIBLE, channel, ()))

    kept: list[list[int]] = [[0] * width for width in widths]

    def put(found: Fit, stream: int, place: int) -> None:
        kept[stream][place] = found.channel
        for child, its_place in zip(found.children, new.children(stream, place), strict=True):
            put(child, stream + 1, its_place)

    free = sorted(range(old.widths[0]), key=lambda root: -fit(new.shapes[0], 0, root).score)[: widths[0]]
    for place, shape in enumerate(new.shapes):
        root = max(free, key=lambda root: gain(fit(shape, 0, root).score, fit(new.shapes[-1], 0, root).score))
        free.remove(root)
        found = fit(shape, 0, root)
        if found.score == IMPOSSIBLE:
            raise UsageError(f"channels {old.widths} cannot be cut to {widths}: their shortcuts would be lost")
        put(found, 0, place)
    return kept


def gain(score: float, least: float) -> float:
    """What a larger tree covers more than the smallest."""
    return IMPOSSIBLE if score == IMPOSSIBLE else score - least
