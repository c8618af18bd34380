"""Chooses the number of channels of each group so that a network keeps a given share of its multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence

from bitocr.errors import UsageError
from bitocr.lab.config.network import AnyNetwork
from bitocr.lab.jobs.sensitivity import Curve, capped
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.nn.prune.channels import Cutter
from bitocr.lab.nn.prune.coupled import widths_of, with_widths

GRID = 500
"""The number of steps in which the least accuracy of a group is lowered."""

EVENLY = 0.1
"""An extra loss of accuracy, added to a group's curve: this times the square of the share that is cut.

A group that is cut alone can be narrow at no cost, as long as its neighbours are not. The extra loss keeps widths in
proportion.
"""


def cost(network: AnyNetwork, widths: Sequence[int]) -> int:
    return count_macs(with_widths(network, list(widths)))


def too_small(network: AnyNetwork, widths: Sequence[int], keep: float) -> UsageError:
    share = cost(network, widths) / count_macs(network)
    return UsageError(
        f"channels {widths_of(network)} cut to {list(widths)} still have {100 * share:.0f} % of the multiply-adds, "
        f"more than the {100 * keep:g} % asked for: nothing is left to cut"
    )


def even_widths(cutter: Cutter, keep: float, multiple: int) -> list[int]:
    """The same share of each group, in multiples: the largest that keeps at most `keep` of the multiply-adds.

    Raises:
        UsageError: there is no such share.
    """
    network = cutter.network
    whole = widths_of(network)
    target, widths = keep * count_macs(network), whole
    for percent in range(100, 0, -1):
        rounded = [min(width, max(1, round(width * percent / 100 / multiple)) * multiple) for width in whole]
        widths = capped(network, rounded)
        if cost(network, widths) <= target and is_possible(cutter, widths):
            return widths
    raise too_small(network, widths, keep)


def chosen_widths(cutter: Cutter, curves: Sequence[Curve], keep: float, multiple: int) -> list[int]:
    """The widths for `keep` of the multiply-adds: each group is cut until, by its curve, it costs the same accuracy.

    Lowers the least accuracy of any group until enough multiply-adds are gone. (Always cutting the cheapest group does
    not work: a curve that has reached 0 costs nothing more.)

    Raises:
        UsageError: there are no such widths.
    """
    network = cutter.network
    target, whole = keep * count_macs(network), widths_of(network)
    widths = whole
    for step in range(GRID, -1, -1):
        floor = step / GRID * max(curve.points[0][1] for curve in curves)
        widths = capped(network, [narrowest(*pair, floor, multiple) for pair in zip(curves, whole, strict=True)])
        if cost(network, widths) <= target and is_possible(cutter, widths):
            return widths
    raise too_small(network, widths, keep)


def narrowest(curve: Curve, whole: int, floor: float, multiple: int) -> int:
    """The least width, in multiples, at which a group alone reaches the accuracy `floor`."""
    for width in range(multiple, whole, multiple):
        if curve.accuracy(width) - EVENLY * (1 - width / whole) ** 2 >= floor:
            return width
    return whole if floor > 0 else min(multiple, whole)


def is_possible(cutter: Cutter, widths: list[int]) -> bool:
    try:
        cutter.keep(widths)
    except UsageError:
        return False
    return True
