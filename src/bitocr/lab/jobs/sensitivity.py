"""The sensitivity of each group of coupled channels: the accuracy when only that group is cut (Li et al. 2017).

Each trial really cuts the network, adapts its batch norms, and reads a sample of labelled images. Where shortcuts tie
groups, a group can be at most twice as wide as the one before it, so it is cut together with it if necessary.
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
"""Widths are tried in steps of an eighth of a group."""


@dataclass(frozen=True)
class Curve:
    """The accuracy at each width of a group, from its full width down."""

    name: str
    points: tuple[tuple[int, float], ...]

    def accuracy(self, width: int) -> float:
        """The accuracy at any width, interpolated linearly, and never above that at a larger width."""
        least = np.minimum.accumulate([accuracy for _, accuracy in self.points])
        widths = [kept for kept, _ in self.points]
        return float(np.interp(width, [0, *reversed(widths)], [0, *least[::-1]]))


def levels(width: int, multiple: int) -> list[int]:
    """The widths to try for a group, descending from its own by about eighths, in multiples of `multiple`."""
    tried = {max(1, round(width * step / STEPS / multiple)) * multiple for step in range(1, STEPS)}
    return [width, *sorted((level for level in tried if level < width), reverse=True)]


def narrowed(network: Network, widths: Sequence[int], group: int, width: int) -> list[int]:
    """The widths with one group narrower, and also the groups after it if shortcuts require it."""
    return capped(network, [*widths[:group], width, *widths[group + 1 :]])


def capped(network: Network, widths: Sequence[int]) -> list[int]:
    """The widths; where shortcuts tie groups, each is limited to twice the one before."""
    possible = list(widths)
    for index in range(1, len(possible) if is_tied(network) else 0):
        possible[index] = min(possible[index], 2 * possible[index - 1])
    return possible


def group_names(network: Network) -> list[str]:
    """The names of the groups: stem, then the first block of each group, counted from 0."""
    numbers = groups_of_blocks(network)
    return ["stem" if number == 0 else f"blocks.{numbers.index(number)}" for number in range(max(numbers) + 1)]


def measure_curves(cutter: Cutter, sample: Sample, batches: Sequence[Tensor], multiple: int, note: Path) -> list[Curve]:
    """The curve of each group. Prints its progress. Does not measure curves again that are in the file `note`.

    Args:
        sample: the images to measure the accuracy on.
        batches: other images, float [N, 1, 32, W], to adapt batch norms.
        multiple: keep a multiple of this many channels.
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
    """The curves of an earlier run that was stopped; empty if there is no file."""
    if not note.exists():
        return []
    return [
        Curve(row["name"], tuple((kept, value) for kept, value in row["points"])) for row in json.loads(read_text(note))
    ]


def draw_curves(curves: Sequence[Curve], chosen: Sequence[int], picture: Path) -> None:
    """Plots accuracy over the share of channels kept: one line per group, with a dot at the chosen cut."""
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
