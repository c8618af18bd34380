"""The report of a step, beside its result: report.json, and its tables in markdown.

Every report has: checkpoint, way (how it was compressed), variants (by name: scores and the figures of the kind of
step), code. `pruning` and `quantization` document what they add.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from bitocr.io.files import write_atomic
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.figures import save_figure
from bitocr.lab.jobs.noise import parameter_bytes
from bitocr.lab.jobs.workspace import Workspace
from bitocr.lab.markdown import table
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.macs import WIDTH, count_macs, layers
from bitocr.lab.nn.prune.coupled import widths_of
from bitocr.lab.nn.prune.sparsity import zeros_of
from bitocr.lab.train.callbacks import Validate
from bitocr.lab.train.card import code_version
from bitocr.lab.train.run import open_validation
from bitocr.lab.train.weights import load_weights

Variant = dict[str, Any]
Lines = list[str]
Columns = dict[str, Callable[[Variant], str]]
"""Functions that give the cell of a variant, by the column's head."""


class Measure(NamedTuple):
    """How to measure a kind of step: figures of a network and its file, their columns, scores in the table."""

    figures: Callable[[CRNN, dict[str, Any], Path], Variant]
    columns: Columns
    scores: tuple[str, ...] = ("accuracy",)


def file_figures(net: CRNN, network: dict[str, Any], path: Path) -> Variant:
    """The multiply-adds and weights of a network, and the bytes of its file."""
    data = path.read_bytes()
    return {
        "macs": count_macs(network),
        "weights": sum(layer.weights for layer in layers(network)),
        "zeros": sum(zeros_of(net).values()),
        "bytes": len(data),
        "zipped": len(zlib.compress(data, 9)),  # shows how much zeros shrink a file
        "widths": widths_of(network),
    }


def millions(number: int) -> str:
    return f"{number / 1e6:.1f}"


def zeros_share(each: Variant) -> str:
    return f"{100 * each['zeros'] / each['weights']:.1f}"


MACS: Columns = {"multiply-adds, M": lambda each: millions(each["macs"])}
PARAMETERS: Columns = {"bytes of parameters": lambda each: f"{each['bytes']:,}"}
PRUNED = Measure(
    file_figures,
    {
        **MACS,
        "weights": lambda each: f"{each['weights']:,}",
        "of them 0, %": zeros_share,
        "bytes": lambda each: f"{each['bytes']:,}",
        "zipped": lambda each: f"{each['zipped']:,}",
    },
)
QUANTIZED = Measure(lambda net, _, __: {"bytes": parameter_bytes(net)}, PARAMETERS, ("accuracy", "CER"))
DISTILLED = Measure(
    lambda net, network, _: {"macs": count_macs(network), "bytes": parameter_bytes(net)}, {**MACS, **PARAMETERS}
)


class Measured:
    """Checkpoints of a step, measured side by side on the validation sets of its recipe.

    Args:
        paths: the checkpoints by the names of the variants.
    """

    def __init__(self, recipe: Recipe, work: Workspace, paths: Mapping[str, Path], by: Measure) -> None:
        print(f"measuring {', '.join(paths)}", flush=True)
        self.work, self.by = work, by
        loaded = {name: load_weights(path) for name, path in paths.items()}
        self.nets = {name: net for name, (net, _) in loaded.items()}
        validate = open_validation(recipe, work.out)
        self.variants: dict[str, Variant] = {
            name: {**by.figures(net, card["network"], paths[name]), "scores": scores_of(net, validate)}
            for name, (net, card) in loaded.items()
        }

    @cached_property
    def table(self) -> Lines:
        """The table of the variants, one row each."""
        sets = list(next(iter(self.variants.values()))["scores"])
        scored = {f"{name}: {key}, %": score_cell(name, key.lower()) for key in self.by.scores for name in sets}
        columns = {**self.by.columns, **scored}
        rows = [[name, *(cell(each) for cell in columns.values())] for name, each in self.variants.items()]
        return table(["", *columns], rows)


def score_cell(which: str, key: str) -> Callable[[Variant], str]:
    """The cell of a score on the validation set `which`, in %."""
    return lambda each: f"{100 * each['scores'][which][key]:.1f}"


def scores_of(net: CRNN, validate: Validate) -> dict[str, dict[str, Any]]:
    """The scores on each validation set."""
    scores = {name: each.score_net(net) for name, each in zip(validate.names, validate.sets, strict=True)}
    return {
        name: {"images": score.n, "accuracy": round(score.accuracy, 4), "cer": round(score.cer, 4)}
        for name, score in scores.items()
    }


def write_report(measured: Measured, way: dict[str, Any], figures: dict[str, Any], *parts: Lines) -> dict[str, Any]:
    """Writes STEP/report.md, then report.json, and returns the latter.

    Args:
        way: how it was compressed; share and protocol of your own images are added.
        figures: the entries that the kind of step adds to the report.
        parts: lines that follow the table of variants in markdown.
    """
    report = {
        "checkpoint": measured.work.checkpoint.name,
        "way": {**way, **measured.work.own_images},
        "variants": measured.variants,
        **figures,
        "code": code_version(),
    }
    text = "\n\n".join("\n".join(lines) for lines in (measured.table, *parts) if lines)
    write_atomic(measured.work.out / "report.md", f"{text}\n".encode())
    data = json.dumps(report, ensure_ascii=False, indent=1)
    write_atomic(measured.work.out / "report.json", f"{data}\n".encode())
    return report


def compare_layers(before: Path, after: Path) -> list[dict[str, Any]]:
    """Each layer of a pruned network, before and after."""
    (_, old), (net, new) = load_weights(before), load_weights(after)
    zeros = zeros_of(net)
    return [
        {
            "name": theirs.name,
            "shape_before": list(theirs.shape),
            "shape": list(ours.shape),
            "weights_before": theirs.weights,
            "weights": ours.weights,
            "zeros": zeros.get(ours.name, 0),
            "macs_before": theirs.macs,
            "macs": ours.macs,
        }
        for theirs, ours in zip(layers(old["network"]), layers(new["network"]), strict=True)
    ]


def layer_table(compared: Sequence[dict[str, Any]]) -> Lines:
    heads = ["layer", "shape", "pruned to", "weights", "of them 0, %", "multiply-adds, M", "before"]
    rows = []
    for each in compared:
        shapes = [" x ".join(map(str, each[key])) for key in ("shape_before", "shape")]
        macs = [f"{each[key] / 1e6:.2f}" for key in ("macs", "macs_before")]
        rows.append([each["name"], *shapes, f"{each['weights']:,}", zeros_share(each), *macs])
    return table(heads, rows)


def draw_layers(rows: Sequence[dict[str, Any]], picture: Path) -> None:
    """Plots the multiply-adds of each layer before and after; in sparse networks only those by weights other than 0."""
    from matplotlib.figure import Figure

    names = [each["name"].removeprefix("backbone.") for each in rows]
    before = [each["macs_before"] / 1e6 for each in rows]
    after = [each["macs"] * (1 - each["zeros"] / each["weights"]) / 1e6 for each in rows]
    figure = Figure(figsize=(8, 0.26 * len(rows) + 1.2), layout="constrained")
    axis = figure.subplots()
    axis.barh(names, before, color="0.85", label="unpruned")
    axis.barh(names, after, height=0.5, color="#0072b2", label="pruned")
    axis.invert_yaxis()
    axis.set(xlabel=f"multiply-adds by weights other than 0, millions for an image of 32 x {WIDTH}")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    save_figure(figure, picture)


def weight_table(rows: Sequence[dict[str, Any]]) -> Lines:
    """The table of layers with integer weights (`bitocr.lab.jobs.noise.layer_rows`)."""
    heads = ["layer", "kind", "shape", "bits", "bytes", "as float32", "signal-to-noise, dB"]
    cells = []
    for each in rows:
        shape = " x ".join(map(str, each["shape"]))
        sizes = [f"{each['bytes']:,}", f"{each['float_bytes']:,}"]
        cells.append([each["name"], each["kind"], shape, str(each["bits"]), *sizes, decibels_cell(each["weight_db"])])
    return table(heads, cells)


def noise_table(outputs: Mapping[str, Mapping[str, float | None]]) -> Lines:
    """The table of the noise of each layer's output in each variant."""
    names = list(next(iter(outputs.values())))
    rows = [[point, *map(decibels_cell, each.values())] for point, each in outputs.items()]
    return table(["output of", *(f"{name}: signal-to-noise, dB" for name in names)], rows)


def decibels_cell(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f}"
