"""The step "distill" of `bitocr compress`: a network is trained with what the step works on as its teacher.

What is learned from the teacher is in `bitocr.lab.train.distill`; here is who teaches whom, and what comes of it.

OUT/recipe.yaml             how it is trained
OUT/STAGE/                  what each stage of it leaves (docs/training.md)
OUT/weights.safetensors     the result: a checkpoint like the first
OUT/report.json, report.md
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitocr.io.files import read_text, write_atomic
from bitocr.lab.config.network import open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.jobs.folder import base_recipe, write_recipe
from bitocr.lab.jobs.options import Compression
from bitocr.lab.jobs.quantize_report import measure, table
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.train.card import code_version
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.run import open_validation, run_recipe
from bitocr.lab.train.weights import load_weights, read_weights, save_weights


@dataclass(frozen=True, kw_only=True)
class Options(Compression):
    """Of one distillation: the student's network, none for the teacher's own, and the stages of its training."""

    network: dict[str, Any]
    stages: list[dict[str, Any]]


def distill(options: Options) -> dict[str, Any]:
    """Trains, or goes on with it, and gives the report: checkpoint, way, variants (macs, bytes, scores), code.

    Raises:
        UsageError, ModelError: the recipe cannot be run.
        KeyboardInterrupt: the same call goes on.
    """
    out = Path(options.out)
    begin(out, options.begun_with())
    if (out / "report.json").exists():
        return dict(json.loads(read_text(out / "report.json")))
    recipe = load_recipe(recipe_of(options, out))
    print(f"training with {sum(stage.images for stage in recipe.stages):,} images", flush=True)
    net, card = load_weights(run_recipe(recipe))
    save_weights(out / "weights.safetensors", net, card)
    return write_report(options, out, recipe)


def recipe_of(options: Options, out: Path) -> Path:
    """Writes the recipe of the training and gives its path."""
    _, card = read_weights(options.checkpoint)
    teacher = str(Path(options.checkpoint).resolve())
    stages = [{"teacher": teacher, "distill": 1.0, **stage} for stage in options.stages]
    if not options.network:
        stages[0] = {"start": teacher, **stages[0]}
    base = {**base_recipe("distill", options, out), "stages": stages}
    return write_recipe(base, out, card, open_network(options.network or card["network"]), {})


def write_report(options: Options, out: Path, recipe: Recipe) -> dict[str, Any]:
    """Measures teacher and student, and writes the report; the json last, when all is done."""
    print("measuring teacher and student", flush=True)
    validate = open_validation(recipe, out)
    variants = {}
    for name, path in {"teacher": Path(options.checkpoint), "student": out / "weights.safetensors"}.items():
        net, card = load_weights(path)
        variants[name] = {"macs": count_macs(card["network"]), **measure(net, validate)}
    places = ("teacher", "start")  # where files lay is nobody's business
    stages = [{key: value for key, value in stage.plain().items() if key not in places} for stage in recipe.stages]
    report = {
        "checkpoint": Path(options.checkpoint).name,
        "way": {"network": options.network, "stages": stages},
        "variants": variants,
        "code": code_version(),
    }
    write_atomic(out / "report.md", markdown(variants).encode())
    write_atomic(out / "report.json", (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode())
    return report


def markdown(variants: dict[str, Any]) -> str:
    sets = list(variants["teacher"]["scores"])
    rows = [
        [name, f"{each['macs'] / 1e6:.1f}", f"{each['bytes']:,}"]
        + [f"{100 * each['scores'][which]['accuracy']:.1f}" for which in sets]
        for name, each in variants.items()
    ]
    heads = ["", "multiply-adds, M", "bytes of parameters", *(f"{name}: accuracy, %" for name in sets)]
    return "\n".join(table(heads, rows)) + "\n"
