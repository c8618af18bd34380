"""Chooses and orders the channels to keep if shortcuts tie a group to the one before it.

The shortcut of channel k of a group comes from channel k mod w of the group before, which is w wide
(`bitocr.lab.nn.backbone.Repeat`). So the channels form a forest: a tree for each channel of the stem, and at most two
children for each channel, those of the next group whose shortcuts come from it. The pruned network's channels form a
smaller forest of the same kind. Pruning maps the small forest into the large one, children onto children, so that the
importance of the channels that it covers is as large as possible. Every kept channel then keeps its shortcut, and the
order of the channels is the one that the shortcuts need.

Within a tree, recursion finds the best place; it is unique up to equal importance. Which small tree goes into which
large one is decided greedily: the stem's channels with the most important trees are kept, and of these, the larger
small trees go to those that would lose the most by a smaller one.
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
    """The channels of groups of these widths, each at most twice as wide as the one before."""

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
        """Of the stem's channels: from the largest to the smallest, as no tree has more channels than one before it."""
        return [self.shape(0, channel) for channel in range(self.widths[0])]


def keep_shortcuts(scores: list[list[float]], widths: list[int]) -> list[list[int]]:
    """The channels to keep of each group, in their new order.

    Args:
        scores: the importance of every channel of every group.
        widths: how many are kept of each.

    Raises:
        UsageError: no forest of these widths fits into this one.
    """
    old, new = Forest([len(row) for row in scores]), Forest(widths)

    @cache
    def fit(shape: Shape, group: int, channel: int) -> Fit:
        """The best tree of this shape that starts at this channel."""
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
    """What a larger tree covers more than the smallest."""
    return IMPOSSIBLE if score == IMPOSSIBLE else score - least
