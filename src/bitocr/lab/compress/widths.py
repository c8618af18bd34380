"""How many channels each stream keeps, so that a network has a given share of its multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.compress.channels import Cutter
from bitocr.lab.compress.macs import count_macs
from bitocr.lab.compress.sensitivity import Curve, capped, levels, narrowed
from bitocr.lab.compress.streams import widths_of, with_widths

EVENLY = 0.02
"""Accuracy that a stream cut to nothing is taken to lose besides what its curve says, with the square of the share cut.

Curves of some hundred images are flat to a point or two; without this the first flat one would be cut to the end.
"""


def cost(config: dict[str, Any], widths: Sequence[int]) -> int:
    return count_macs(with_widths(config, list(widths)))


def too_small(config: dict[str, Any], widths: Sequence[int], keep: float) -> UsageError:
    share = cost(config, widths) / count_macs(config)
    return UsageError(
        f"channels {widths_of(config)} cut to {list(widths)} still have {100 * share:.0f} % of the multiply-adds, "
        f"more than the {100 * keep:g} % asked for: nothing is left to cut"
    )


def even_widths(cutter: Cutter, keep: float, multiple: int) -> list[int]:
    """The same share of every stream, in multiples: the largest that leaves at most `keep` of the multiply-adds.

    Raises:
        UsageError: there is none.
    """
    config = cutter.config
    whole = widths_of(config)
    target, widths = keep * count_macs(config), whole
    for percent in range(100, 0, -1):
        rounded = [min(width, max(1, round(width * percent / 100 / multiple)) * multiple) for width in whole]
        widths = capped(config, rounded)
        if cost(config, widths) <= target and is_possible(cutter, widths):
            return widths
    raise too_small(config, widths, keep)


def chosen_widths(cutter: Cutter, curves: Sequence[Curve], keep: float, multiple: int) -> list[int]:
    """The widths for `keep` of the multiply-adds by the curves: always the cut that loses least for what it saves.

    Raises:
        UsageError: there are none.
    """
    config = cutter.config
    whole = widths_of(config)
    steps = [levels(width, multiple) for width in whole]
    widths, target = whole, keep * count_macs(config)
    while cost(config, widths) > target:
        options = []
        for stream, width in enumerate(widths):
            lower = next((level for level in steps[stream] if level < width), None)
            if lower is not None:
                cut = narrowed(config, widths, stream, lower)
                options.append((price(config, curves, whole, widths, cut), cut))
        possible = (cut for _, cut in sorted(options) if is_possible(cutter, cut))
        best = next(possible, None)
        if best is None:
            raise too_small(config, widths, keep)
        widths = best
    return widths


def price(
    config: dict[str, Any], curves: Sequence[Curve], whole: Sequence[int], now: Sequence[int], cut: Sequence[int]
) -> float:
    """Accuracy lost for each multiply-add saved, by the curves alone."""
    lost = expected_loss(curves, whole, cut) - expected_loss(curves, whole, now)
    return lost / (cost(config, now) - cost(config, cut))


def expected_loss(curves: Sequence[Curve], whole: Sequence[int], widths: Sequence[int]) -> float:
    """The sum of what each stream loses when cut alone."""
    return sum(
        curve.loss(width) + EVENLY * (1 - width / full) ** 2
        for curve, full, width in zip(curves, whole, widths, strict=True)
    )


def is_possible(cutter: Cutter, widths: list[int]) -> bool:
    try:
        cutter.keep(widths)
    except UsageError:
        return False
    return True
