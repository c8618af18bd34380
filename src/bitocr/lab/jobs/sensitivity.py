"""How much each group of coupled channels matters: the accuracy when it alone is cut, step by step (Li et al. 2017).

Every cut is made for real, its batch norms are adapted to the shapes that are left, and a sample of labelled images is
read. Where shortcuts tie groups, those behind a narrow one can be at most twice as wide, and are cut with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from bitocr.io.files import read_text, write_atomic
from bitocr.lab.config.network import Network
from bitocr.lab.figures import save_figure
from bitocr.lab.jobs.sample import Sample
from bitocr.lab.nn.prune.channels import Cutter, adapt_norms
from bitocr.lab.nn.prune.coupled import groups_of_blocks, is_tied, widths_of
from bitocr.progress import Progress, say

STEPS = 8
"""A group is cut by eighths."""


@dataclass(frozen=True)
class Curve:
    """The accuracy at each width of a group, from its whole width down."""

    name: str
    points: tuple[tuple[int, float], ...]

    def accuracy(self, width: int) -> float:
        """The accuracy at any width, between the measured ones in proportion; never more than at a larger one."""
        least = np.minimum.accumulate([accuracy for _, accuracy in self.points])
        widths = [kept for kept, _ in self.points]
        return float(np.interp(width, [0, *reversed(widths)], [0, *least[::-1]]))


def levels(width: int, multiple: int) -> list[int]:
    """The widths that a group is tried at, descending from its own: about eighths of it, in multiples."""
    tried = {max(1, round(width * step / STEPS / multiple)) * multiple for step in range(1, STEPS)}
    return [width, *sorted((level for level in tried if level < width), reverse=True)]


def narrowed(network: Network, widths: Sequence[int], group: int, width: int) -> list[int]:
    """The widths with one group narrower, and with it the groups behind it if shortcuts require it."""
    return capped(network, [*widths[:group], width, *widths[group + 1 :]])


def capped(network: Network, widths: Sequence[int]) -> list[int]:
    """The widths, where shortcuts tie groups none of them more than twice the one before."""
    possible = list(widths)
    for index in range(1, len(possible) if is_tied(network) else 0):
        possible[index] = min(possible[index], 2 * possible[index - 1])
    return possible


def group_names(network: Network) -> list[str]:
    """What each group is called: stem, and by the first of its blocks, counted from 0."""
    numbers = groups_of_blocks(network)
    return ["stem" if number == 0 else f"blocks.{numbers.index(number)}" for number in range(max(numbers) + 1)]


def measure_curves(cutter: Cutter, sample: Sample, batches: Sequence[Tensor], multiple: int, note: Path) -> list[Curve]:
    """The curve of every group. Prints its progress. Curves that are in the file `note` are not measured again.

    Args:
        sample: what the accuracy is measured on.
        batches: float [N, 1, 32, W], other images, by which batch norms are adapted.
        multiple: channels are kept in multiples of it.
    """
    curves = read_curves(note)
    widths = widths_of(cutter.network)
    tried = [levels(width, multiple) for width in widths]
    cuts, done = sum(map(len, tried[len(curves) :])), 0
    with Progress() as show:
        for group in range(len(curves), len(widths)):
            points = []
            for level in tried[group]:
                show("measuring sensitivity, cuts", done, cuts)
                net, _ = cutter.cut(narrowed(cutter.network, widths, group, level))
                adapt_norms(net, batches)
                points.append((level, round(sample.accuracy(net), 4)))
                done += 1
            curves.append(Curve(group_names(cutter.network)[group], tuple(points)))
            write_atomic(note, json.dumps([asdict(curve) for curve in curves]).encode())
            shown = "  ".join(f"{kept}: {100 * accuracy:.1f} %" for kept, accuracy in points)
            say(f"sensitivity of {curves[-1].name}  {shown}")
    return curves


def read_curves(note: Path) -> list[Curve]:
    """The curves of an earlier run that was stopped; none where there is no file."""
    if not note.exists():
        return []
    return [
        Curve(row["name"], tuple((kept, value) for kept, value in row["points"])) for row in json.loads(read_text(note))
    ]


def draw_curves(curves: Sequence[Curve], chosen: Sequence[int], picture: Path) -> None:
    """Draws accuracy over the share of channels kept, a line a group, the cut that was chosen as a dot on it."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.8), layout="constrained")
    axis = figure.subplots()
    for number, (curve, width) in enumerate(zip(curves, chosen, strict=True)):
        whole = curve.points[0][0]
        values = {100 * kept / whole: 100 * accuracy for kept, accuracy in curve.points}
        style = "-" if number < 10 else "--"
        (line,) = axis.plot(list(values), list(values.values()), style, marker=".", label=f"{curve.name} ({whole})")
        at = (100 * width / whole, 100 * curve.accuracy(width))
        axis.plot(*at, "o", markersize=9, markerfacecolor="none", color=line.get_color())
    axis.set(xlabel="channels kept in one group alone, %", ylabel="accuracy without finetuning, %", xlim=(103, 0))
    axis.grid(color="0.92")
    axis.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right upper", frameon=False, fontsize=8, title="group (width)\n○ chosen")
    save_figure(figure, picture)
