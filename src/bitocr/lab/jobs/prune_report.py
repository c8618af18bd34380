"""The report of a pruning: report.json, and out of it a table in markdown and a picture, beside the result."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bitocr.io.files import write_atomic
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.figures import save_figure
from bitocr.lab.jobs.prune_options import Options
from bitocr.lab.jobs.prune_round import Round
from bitocr.lab.markdown import table
from bitocr.lab.nn.macs import WIDTH, count_macs, layers
from bitocr.lab.nn.prune.coupled import widths_of
from bitocr.lab.nn.prune.sparsity import zeros_of
from bitocr.lab.train.callbacks import Validate
from bitocr.lab.train.card import code_version
from bitocr.lab.train.run import open_validation
from bitocr.lab.train.weights import load_weights


def write_report(out: Path, options: Options, recipe: Recipe, rounds: Sequence[Round]) -> dict[str, Any]:
    """Measures the unpruned, the cut and the finetuned network, and writes the report; the json last, when all is done.

    The report's keys: checkpoint, way (how it was pruned), columns (of the image that multiply-adds are counted for),
    variants (by name: macs, weights, zeros, bytes, zipped, widths, scores), layers (name, shapes, weights, zeros, macs
    before and after), code.
    """
    print("measuring before and after", flush=True)
    validate = open_validation(recipe, out)
    paths = {"unpruned": Path(options.checkpoint)}
    for number, each in enumerate(rounds if options.images else (), 1):
        paths |= {f"round {number}, cut": each.cut, f"round {number}, finetuned": each.tuned}
    if options.images:
        paths.popitem()  # the last round's is the result
    paths["pruned"] = out / "weights.safetensors"
    report = {
        "checkpoint": Path(options.checkpoint).name,
        "way": options.way(),
        "columns": WIDTH,
        "variants": {name: measure(path, validate) for name, path in paths.items()},
        "layers": compare_layers(paths["unpruned"], paths["pruned"]),
        "code": code_version(),
    }
    write_atomic(out / "report.md", markdown(report).encode())
    draw_layers(report, out / "report.png")
    write_atomic(out / "report.json", (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
    return report


def measure(path: Path, validate: Validate) -> dict[str, Any]:
    """One checkpoint: its size, its multiply-adds, how well it reads each validation set."""
    net, card = load_weights(path)
    data, counted = path.read_bytes(), layers(card["network"])
    scores = {name: each.score_net(net) for name, each in zip(validate.names, validate.sets, strict=True)}
    return {
        "macs": count_macs(card["network"]),
        "weights": sum(layer.weights for layer in counted),
        "zeros": sum(zeros_of(net).values()),
        "bytes": len(data),
        "zipped": len(zlib.compress(data, 9)),  # what zeros are worth to a file
        "widths": widths_of(card["network"]),
        "scores": {
            name: {"images": score.n, "accuracy": round(score.accuracy, 4), "cer": round(score.cer, 4)}
            for name, score in scores.items()
        },
    }


def compare_layers(before: Path, after: Path) -> list[dict[str, Any]]:
    """Each layer as it was and as it is."""
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


def markdown(report: dict[str, Any]) -> str:
    """The report's tables: variants, then layers."""
    variants = report["variants"]
    sets = list(variants["unpruned"]["scores"])
    heads = ["", "multiply-adds, M", "weights", "of them 0, %", "bytes", "zipped", *(f"{name}, %" for name in sets)]
    rows = []
    for name, each in variants.items():
        accuracies = [f"{100 * each['scores'][which]['accuracy']:.1f}" for which in sets]
        sizes = [f"{each['weights']:,}", f"{100 * each['zeros'] / each['weights']:.1f}"]
        files = [f"{each['bytes']:,}", f"{each['zipped']:,}"]
        rows.append([name, f"{each['macs'] / 1e6:.1f}", *sizes, *files, *accuracies])
    note = (
        f"Multiply-adds of one image of 32 x {report['columns']}; accuracy without n-grams, file in 16 bits a weight."
    )
    return "\n".join([*table(heads, rows), "", note, "", *layer_table(report["layers"])]) + "\n"


def layer_table(compared: Sequence[dict[str, Any]]) -> list[str]:
    heads = ["layer", "shape", "pruned to", "weights", "of them 0, %", "multiply-adds, M", "before"]
    rows = []
    for each in compared:
        shapes = [" x ".join(map(str, each[key])) for key in ("shape_before", "shape")]
        macs = [f"{each[key] / 1e6:.2f}" for key in ("macs", "macs_before")]
        zeros = f"{100 * each['zeros'] / each['weights']:.1f}"
        rows.append([each["name"], *shapes, f"{each['weights']:,}", zeros, *macs])
    return table(heads, rows)


def draw_layers(report: dict[str, Any], picture: Path) -> None:
    """Draws the multiply-adds of every layer before and after; of sparse networks those with a weight that is not 0."""
    from matplotlib.figure import Figure

    rows = report["layers"]
    names = [each["name"].removeprefix("backbone.") for each in rows]
    before = [each["macs_before"] / 1e6 for each in rows]
    after = [each["macs"] * (1 - each["zeros"] / each["weights"]) / 1e6 for each in rows]
    figure = Figure(figsize=(8, 0.26 * len(rows) + 1.2), layout="constrained")
    axis = figure.subplots()
    axis.barh(names, before, color="0.85", label="unpruned")
    axis.barh(names, after, height=0.5, color="#0072b2", label="pruned")
    axis.invert_yaxis()
    axis.set(xlabel=f"multiply-adds by weights other than 0, millions for an image of 32 x {report['columns']}")
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(frameon=False)
    save_figure(figure, picture)
