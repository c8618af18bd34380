"""Runs compressions: all steps of a recipe in order (`bitocr compress`), or a single step.

`bitocr.lab.jobs.workspace` describes the folder. `bitocr compress` adds

    OUT/STEP/                   each step's folder
    OUT/*.onnx, *.mnn, *.bit    the exported files
    OUT/report.html, report.json, report.md     all checkpoints and files, measured side by side
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.lab.config import compression
from bitocr.lab.config.compression import Compression, Distillation, Images, Options, Prune, Quantization
from bitocr.lab.config.convert import convert
from bitocr.lab.config.load import merge
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.export.verify import Named, labelled
from bitocr.lab.jobs.distillation import distill
from bitocr.lab.jobs.exports import export_files
from bitocr.lab.jobs.plan import Plan, root_of
from bitocr.lab.jobs.pruning import prune
from bitocr.lab.jobs.quantization import quantize
from bitocr.lab.jobs.steps import ORIGINAL, Step, Weights, network_after, network_of, with_paths
from bitocr.lab.jobs.summary import sets_of, write_summary
from bitocr.lab.jobs.workspace import (
    RECIPE_SUFFIXES,
    WEIGHTS,
    Workspace,
    begin_step,
    check_data,
    image_recipe,
    write_yaml,
)
from bitocr.lab.report.measure import Progress
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.run import run_recipe

COMPARED = 200
"""How many images of the first validation set compare each exported file with its checkpoint."""

RUN: dict[str, Callable[[Any, Workspace], dict[str, Any]]] = {"prune": prune, "quantize": quantize, "distill": distill}
DONE = {"prune": "pruned", "quantize": "quantized", "distill": "distilled"}


def compress(plan: Plan, progress: Progress) -> dict[str, Any]:
    """Runs the unfinished steps, and returns the report (`bitocr.lab.report.page`). Prints its progress.

    Raises:
        UsageError, ModelError: a step cannot run. The results of earlier steps stay.
        KeyboardInterrupt: Ctrl-C; the same call resumes.
    """
    begin(plan.out, plan.begun_with())
    images = write_images(plan)
    sets = sets_of(plan, images)
    weights: Weights = {ORIGINAL: original(plan)}
    for number, step in enumerate(plan.steps, 1):
        print(f"step {number} of {len(plan.steps)}: {step.name}: {step}", flush=True)
        source, out = weights[step.source], plan.out / step.name
        begin_step(out, step.begun_with(), source)
        if step.kind:
            run_step(step, weights, images, plan.out, out)
        weights[step.name] = out / WEIGHTS if step.kind else source
        if step.export:
            export_files(weights[step.name], step.export, validation_images(images), plan.out, out)
    return write_summary(plan, weights, sets, progress)


def compress_once(
    options: Prune | Quantization, checkpoint: str, images: Images, out: str, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """Runs a single step in the folder `out`, and returns its report (`bitocr.lab.jobs.reports`). Prints its progress.

    Args:
        checkpoint: a weights file.
        overrides: key=value for the recipe of every training.

    Raises:
        UsageError, ModelError: the step cannot run; raised before anything is written.
        KeyboardInterrupt: Ctrl-C; the same call resumes.
    """
    check_overrides(overrides)
    images = convert(images.plain(), Images)
    settings = one_step(options)
    step = Step(settings.kind or "", ORIGINAL, settings)
    network_after(replace(step, source=checkpoint), network_of(Path(checkpoint)))
    check_data(images)
    whole = Compression(out=out, checkpoint=checkpoint, data=images)
    plan = Plan(whole, root_of(whole), [step])
    weights = {ORIGINAL: original(plan)}
    begin_step(plan.out, {**plan.begun_with(), **step.begun_with()}, weights[ORIGINAL])
    return run_step(step, weights, write_images(plan), plan.out, plan.out, overrides)


def one_step(options: Prune | Quantization) -> compression.Step:
    """A checked step with these options, since settings made in Python may hold any value."""
    if isinstance(options, Prune):
        return compression.Step(prune=convert(options.plain(), Prune))
    return compression.Step(quantize=convert(options.plain(), Quantization))


def check_overrides(overrides: Sequence[str]) -> None:
    """Raises UsageError for a key=value that would change the recipe's network or folder."""
    for key in (assignment.partition("=")[0] for assignment in overrides):
        if key.partition(".")[0] in ("out", "network", "charset"):
            raise UsageError(f"{key} cannot be set here: it follows from the checkpoint")


def run_step(
    step: Step, weights: Weights, images: dict[str, Any], shared: Path, out: Path, overrides: Sequence[str] = ()
) -> dict[str, Any]:
    """Runs what is left of the step in the folder `out`, and returns its report."""
    assert step.kind is not None
    report = out / "report.json"
    if report.exists():
        print(f"{out} is {DONE[step.kind]} already: remove it or choose another folder to {step.kind} again")
        return dict(json.loads(read_text(report)))
    stage = with_paths(step.settings.stage, weights)
    own = shared / "train.tsv"
    work = Workspace(
        weights[step.source],
        images,
        own if own.exists() else None,
        out,
        [*(f"stages.0.{key}={json.dumps(value)}" for key, value in stage.items()), *overrides],
    )
    return RUN[step.kind](resolved(step, weights), work)


def resolved(step: Step, weights: Weights) -> Options | None:
    """The step's options. In a distillation, files replace the names of steps."""
    options = step.settings.options
    if not isinstance(options, Distillation):
        return options
    own = {stage.get("name") for stage in options.stages}
    others = {name: path for name, path in weights.items() if name not in own}
    return options.replace(stages=tuple(with_paths(stage, others) for stage in options.stages))


def write_images(plan: Plan) -> dict[str, Any]:
    """The images as a recipe for all steps; also writes it to the folder."""
    images = merge(image_recipe(plan.settings.data, plan.out), plan.training)
    if Path(plan.settings.data.path).suffix in RECIPE_SUFFIXES:
        images = merge(images, {"data": {"root": str(plan.root.resolve())}})
    write_yaml(plan.out / "images.yaml", images)
    return images


def original(plan: Plan) -> Path:
    """The checkpoint to compress. If a recipe is given instead, trains it first."""
    if plan.checkpoint.suffix not in RECIPE_SUFFIXES:
        return plan.checkpoint
    folder = plan.out / ORIGINAL
    folder.mkdir(parents=True, exist_ok=True)
    given = merge(read_mapping(plan.checkpoint, "a recipe"), {**plan.training, "out": str(folder)})
    if plan.settings.data.root is not None:
        given = merge(given, {"data": {"root": str(plan.root.resolve())}})
    path = write_yaml(folder / "recipe.yaml", given)
    print(f"{ORIGINAL}: training by {plan.checkpoint}", flush=True)
    return run_recipe(load_recipe(path))


def validation_images(images: dict[str, Any]) -> list[Named]:
    """The first images of the first validation set."""
    entry = images["validation"][0]
    limit = min(COMPARED, entry.get("limit") or COMPARED)
    return labelled(Path(images["data"]["root"]) / entry["path"], limit)
