"""The report's plots, as SVG to embed in an HTML page."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from math import hypot
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bitocr.lab.report.placing import NEAREST, place
from bitocr.lab.report.variant import Variant, pareto_front

#: Okabe and Ito's colours, which colour-blind people can distinguish, and markers for prints in gray.
LOOKS = {
    "bitocr engine": ("#d55e00", "o"),
    "ONNX Runtime": ("#0072b2", "s"),
    "MNN": ("#009e73", "^"),
    "PyTorch": ("#8a8a8a", "D"),
}
#: The width and height of a digit with some space around it, in points.
DIGIT = (6.5, 11)
#: Text stays text, and the same figures always give the same page.
STYLE: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "bitocr", "font.size": 10, "font.family": "sans-serif"}


def svg(draw: Callable[[Figure], None], width: float, height: float) -> str:
    """A figure of this size in inches, drawn by `draw`, as an <svg> element of HTML."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        draw(figure)
        stream = io.StringIO()
        figure.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = stream.getvalue()
    return text[text.index("<svg") :]


def trade_off(variants: Sequence[Variant], costs: Sequence[float], label: str, labelled_set: str) -> str:
    """Plots accuracy over a cost on a logarithmic axis: points numbered as in the table, and the Pareto front."""
    points = [(cost, 100 * v.accuracy[labelled_set]) for v, cost in zip(variants, costs, strict=True)]

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        front = [points[index] for index in pareto_front(points)]
        axes.step(*zip(*front, strict=True), where="post", color="0.75", linewidth=1.2, zorder=1, label="Pareto front")
        for kind in dict.fromkeys(v.runs_in for v in variants):
            color, marker = LOOKS[kind]
            here = [point for point, v in zip(points, variants, strict=True) if v.runs_in == kind]
            axes.plot(*zip(*here, strict=True), marker, color=color, label=kind, zorder=2)
        axes.set(xscale="log", xlabel=label, ylabel=f"word accuracy, {labelled_set}, %")
        plain_ticks(axes)
        figure.legend(frameon=False, fontsize=9, loc="outside lower center", ncols=5)
        number_points(figure, axes, points)

    return svg(draw, 6.4, 3.9)


def number_points(figure: Figure, axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """Writes 1, 2, ... beside the points without overlap; a line leads to the point if the number is further away."""
    figure.draw_without_rendering()  # fixes the position of the axes
    scale = 72 / figure.dpi
    places = [(scale * x, scale * y) for x, y in axes.transData.transform(points)]
    names = [str(number) for number in range(1, len(points) + 1)]
    offsets = place(places, [(DIGIT[0] * len(name), DIGIT[1]) for name in names])
    line = {"arrowstyle": "-", "color": "0.55", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 2}
    for name, point, offset in zip(names, points, offsets, strict=True):
        near = hypot(*offset) < NEAREST + 1
        axes.annotate(
            name, point, offset, textcoords="offset points", fontsize=9, ha="center", va="center",
            arrowprops=None if near else line,
        )  # fmt: skip


def plain_ticks(axes: Axes) -> None:
    """Labels a logarithmic axis with plain numbers, and removes the frame at the top and right."""
    from matplotlib.ticker import FuncFormatter, LogLocator

    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.xaxis.set_minor_locator(LogLocator(subs=()))
    axes.grid(color="0.5", alpha=0.18)
    axes.spines[["top", "right"]].set_visible(False)


def bars(variants: Sequence[Variant], width: int) -> str:
    """Plots the milliseconds of one line on one thread, fastest first, each with its ratio to the fastest."""
    order = sorted(variants, key=lambda v: v.ms[width])

    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        times = [v.ms[width] for v in order]
        axes.barh(range(len(order)), times, color=[LOOKS[v.runs_in][0] for v in order], height=0.65)
        for row, value in enumerate(times):
            text = f"{value:.2f} ms, {value / times[0]:.1f}x"
            axes.annotate(text, (value, row), xytext=(5, 0), textcoords="offset points", va="center", fontsize=9)
        axes.set_yticks(range(len(order)), [f"{v.name} ({v.runs_in})" for v in order])
        axes.invert_yaxis()
        axes.set(xlabel=f"milliseconds for a line of 32 x {width}, one thread", xlim=(0, times[-1] * 1.25))
        axes.spines[["top", "right"]].set_visible(False)

    return svg(draw, 7.6, 0.34 * len(order) + 0.8)
