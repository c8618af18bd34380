"""Chooses and orders the channels to keep if shortcuts tie a group to the one before it.

The shortcut of channel k of a group comes from channel k mod w of the group before, which is w wide
(`bitocr.lab.nn.backbone.Repeat`). So the channels form a forest. Each channel of the stem is the root of a tree. The
children of a channel are the channels of the next group whose shortcuts come from it, at most two. The pruned network's
channels form a smaller forest of the same kind. Pruning maps the small forest into the large one, children to children,
so that the covered channels have the greatest importance. So each kept channel keeps its shortcut, and the channels are
in the order that the shortcuts need.

Within a tree, recursion finds the best mapping, which is unique up to equal importance. A greedy rule assigns small
trees to large ones: it keeps the stem's channels with the most important trees, and gives the larger small trees to
those that would lose the most with a smaller one.
"""

from __future__ import annotations

from functools import cache, cached_property
from itertools import permutations
from typing import Any, NamedTuple

from bitocr.errors import UsageError

Shape = tuple[Any, ...]
"""The shape of a tree: the shapes of its children; () is a channel without children."""


class Fit(NamedTuple):
    """A channel with its kept descendants and the sum of their importance."""

    score: float
    channel: int
    children: tuple[Any, ...]  # one Fit per child of the shape


IMPOSSIBLE = float("-inf")


class Forest:
    """The forest of channels of groups with these widths. Each group is at most twice as wide as the one before."""

    def __init__(self, widths: list[int]) -> None:
        self.widths = widths

    def children(self, group: int, channel: int) -> list[int]:
        """The channels of the next group whose shortcuts come from this channel."""
        if group + 1 == len(self.widths):
            return []
        return list(range(channel, self.widths[group + 1], self.widths[group]))

    def shape(self, group: int, channel: int) -> Shape:
        return tuple(self.shape(group + 1, child) for child in self.children(group, channel))

    @cached_property
    def shapes(self) -> list[Shape]:
        """The shapes of the stem's trees, in order. No tree has more channels than the one before it."""
        return [self.shape(0, channel) for channel in range(self.widths[0])]


def keep_shortcuts(scores: list[list[float]], widths: list[int]) -> list[list[int]]:
    """The channels to keep in each group, in their new order.

    Args:
        scores: the importance of each channel of each group.
        widths: how many channels to keep in each group.

    Raises:
        UsageError: no forest of these widths fits into the network's.
    """
    old, new = Forest([len(row) for row in scores]), Forest(widths)

    @cache
    def fit(shape: Shape, group: int, channel: int) -> Fit:
        """The best tree of a shape that starts at a channel."""
        own, options = scores[group][channel], []
        for order in permutations(old.children(group, channel), len(shape)):
            children = tuple(fit(each, group + 1, child) for each, child in zip(shape, order, strict=True))
            options.append(Fit(own + sum(child.score for child in children), channel, children))
        return max(options, default=Fit(IMPOSSIBLE, channel, ()))

    kept: list[list[int]] = [[0] * width for width in widths]

    def put(found: Fit, group: int, place: int) -> None:
        kept[group][place] = found.channel
        for child, its_place in zip(found.children, new.children(group, place), strict=True):
            put(child, group + 1, its_place)

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
    """How much more a larger tree covers than the smallest."""
    return IMPOSSIBLE if score == IMPOSSIBLE else score - least
