"""`bitocr compress`: the steps of a recipe in a row, and one report over all that they made.

All of it is in one folder, and the same call goes on where it was stopped:

    OUT/settings.json           what it was begun with
    OUT/images.yaml             the images of all steps, as a recipe; own labels are divided beside it
    OUT/original/               where the checkpoint is trained first: what that leaves
    OUT/STEP/step.json, source.txt      what the step is, and the SHA-256 of the weights that it works on
    OUT/STEP/                   what it leaves: weights.safetensors, report.json, export.json, ...
    OUT/*.onnx, *.mnn, *.bit    the exported files
    OUT/report.html, report.json, report.md
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.io.files import read_text, write_atomic
from bitocr.lab.config.load import merge
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.export.verify import Named, labelled
from bitocr.lab.jobs import distill, prune_options, quantize_options
from bitocr.lab.jobs.deliver import deliver, digest
from bitocr.lab.jobs.folder import RECIPE_SUFFIXES, image_recipe
from bitocr.lab.jobs.prune import prune
from bitocr.lab.jobs.quantize import quantize
from bitocr.lab.jobs.recipe import Recipe
from bitocr.lab.jobs.row import DISTILL, ORIGINAL, Step
from bitocr.lab.jobs.summary import Weights, sets_of, write_summary
from bitocr.lab.report.measure import Progress
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.run import run_recipe

COMPARED = 200
"""Images of the first validation set on which each exported file is compared with its checkpoint."""


def compress(recipe: Recipe, progress: Progress) -> dict[str, Any]:
    """Does what is not done yet, and gives the report (`bitocr.lab.report.page`). Prints how it goes.

    Raises:
        UsageError, ModelError: a step that cannot be done; those before it stay.
        KeyboardInterrupt: the same call goes on.
    """
    begin(recipe.out, recipe.begun_with())
    images = write_images(recipe)
    sets = sets_of(recipe, images)
    weights: Weights = {ORIGINAL: original(recipe)}
    for number, step in enumerate(recipe.steps, 1):
        print(f"step {number} of {len(recipe.steps)}: {step.name}: {step.told()}", flush=True)
        weights[step.name] = run_step(recipe, step, weights)
        if step.export:
            compared = first_images(images)
            deliver(weights[step.name], step.export, compared, recipe.out, recipe.out / step.name)
    return write_summary(recipe, weights, sets, progress)


def write_images(recipe: Recipe) -> dict[str, Any]:
    """The images as a recipe, which is written too: all steps work with that."""
    images = merge(image_recipe(recipe.images, recipe.out), recipe.training)
    if Path(recipe.images.data).suffix in RECIPE_SUFFIXES:
        images = merge(images, {"data": {"root": str(recipe.root.resolve())}})
    write_atomic(recipe.out / "images.yaml", yaml.safe_dump(images, allow_unicode=True, sort_keys=False).encode())
    return images


def original(recipe: Recipe) -> Path:
    """The checkpoint, which is trained first where a recipe is given in its place."""
    if recipe.checkpoint.suffix not in RECIPE_SUFFIXES:
        return recipe.checkpoint
    folder = recipe.out / ORIGINAL
    folder.mkdir(exist_ok=True)
    given = merge(read_mapping(recipe.checkpoint, "a recipe"), {**recipe.training, "out": str(folder)})
    if recipe.has_root:
        given = merge(given, {"data": {"root": str(recipe.root.resolve())}})
    path = folder / "recipe.yaml"
    write_atomic(path, yaml.safe_dump(given, allow_unicode=True, sort_keys=False).encode())
    print(f"{ORIGINAL}: training by {recipe.checkpoint}", flush=True)
    return run_recipe(load_recipe(path))


def run_step(recipe: Recipe, step: Step, weights: Weights) -> Path:
    """What the step makes; of one without a verb, what it is from."""
    out = recipe.out / step.name
    begin_step(out, step, weights[step.source])
    if step.verb is None:
        return weights[step.source]
    common: dict[str, Any] = {
        "checkpoint": str(weights[step.source]),
        "data": str(recipe.out / "images.yaml"),
        "out": str(out),
    }
    overrides = [f"stages.0.{key}={json.dumps(value)}" for key, value in with_paths(step.stage, weights).items()]
    if step.verb == "distill":
        student = {**DISTILL, **step.options}
        own = {stage.get("name") for stage in student["stages"]}
        others = {name: path for name, path in weights.items() if name not in own}
        stages = [with_paths(stage, others) for stage in student["stages"]]
        distill.distill(distill.Options(**common, network=student["network"], stages=stages))
    elif step.verb == "prune":
        prune(prune_options.Options(**common, **step.options), overrides)
    else:
        quantize(quantize_options.Options(**common, **step.options), overrides)
    return out / "weights.safetensors"


def begin_step(out: Path, step: Step, source: Path) -> None:
    """Makes the step's folder, or finds it. Raises UsageError where it is of other settings, or of other weights."""
    begin(out, {"step": step.told()}, "step.json")
    note, found = out / "source.txt", digest(source)
    if not note.exists():
        write_atomic(note, f"{found}\n".encode())
    elif read_text(note).strip() != found:
        raise UsageError(f"{out} was made of other weights than {source}: remove it to do that step again")


def with_paths(stage: dict[str, Any], weights: Weights) -> dict[str, Any]:
    """A training's stage in which teachers and start are files instead of steps of the row."""

    def path(name: Any) -> Any:
        if isinstance(name, list):
            return [path(each) for each in name]
        return str(weights[name].resolve()) if name in weights else name

    return {key: path(value) if key in ("teacher", "start") else value for key, value in stage.items()}


def first_images(images: dict[str, Any]) -> list[Named]:
    """Of the first validation set."""
    entry = images["validation"][0]
    limit = min(COMPARED, entry.get("limit") or COMPARED)
    return labelled(Path(images["data"]["root"]) / entry["path"], limit)
