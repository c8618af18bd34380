"""The step "distill": trains a network as `bitocr train` does, with the step's input as its teacher.

`bitocr.lab.train.distill` has the losses; this module writes the recipe and measures the result. Besides the files of
every step (`bitocr.lab.jobs.workspace`) it writes

    STEP/STAGE/                 the files of each training stage (docs/training.md)
"""

from __future__ import annotations

from typing import Any

from bitocr.lab.config.compression import Distillation
from bitocr.lab.config.network import open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.jobs.reports import DISTILLED, Measured, write_report
from bitocr.lab.jobs.workspace import Workspace
from bitocr.lab.train.run import run_recipe
from bitocr.lab.train.weights import load_weights, read_weights, save_weights


def distill(options: Distillation, work: Workspace) -> dict[str, Any]:
    """Trains, or resumes training, and returns the report. Prints its progress.

    Raises:
        UsageError, ModelError: the recipe cannot be run.
        KeyboardInterrupt: Ctrl-C; the same call resumes.
    """
    recipe = open_recipe(options, work)
    print(f"training with {sum(stage.images for stage in recipe.stages):,} images", flush=True)
    net, card = load_weights(run_recipe(recipe))
    save_weights(work.result, net, card)
    measured = Measured(recipe, work, {"teacher": work.checkpoint, "student": work.result}, DISTILLED)
    places = ("teacher", "start")  # the report names no paths
    stages = [{key: value for key, value in stage.plain().items() if key not in places} for stage in recipe.stages]
    return write_report(measured, {"network": options.network, "stages": stages}, {}, [])


def open_recipe(options: Distillation, work: Workspace) -> Recipe:
    """Writes and loads the recipe of the training. Raises UsageError."""
    _, card = read_weights(work.checkpoint)
    teacher = str(work.checkpoint.resolve())
    stages = [{"teacher": teacher, "distill": 1.0, **stage} for stage in options.stages]
    if not options.network:
        stages[0] = {"start": teacher, **stages[0]}
    network = open_network(options.network or card["network"])
    return work.open_recipe("distill", work.out, card, network, stages)
