"""Runs a detector's recipe: one stage after the other, each resumed where it stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2

from bitocr.lab.config.pages import PageRecipe, PageStage
from bitocr.lab.nn.detector import Detector
from bitocr.lab.train.callbacks import Validate
from bitocr.lab.train.card import code_version, without_folders
from bitocr.lab.train.pages.data import open_pages
from bitocr.lab.train.pages.nets import check_references, load_teacher, starting_net, weights_path
from bitocr.lab.train.pages.task import DetectionTask
from bitocr.lab.train.pages.validate import PageValidation, validation_pages
from bitocr.lab.train.run import fit, open_trainer, read_checkpoint, run_stages
from bitocr.lab.train.weights import save_weights


def card_of(recipe: PageRecipe, stage: PageStage) -> dict[str, Any]:
    """The card of a stage. A detector has no charset. The task adds the images seen."""
    whole = recipe.plain()
    data = {key: value for key, value in whole["data"].items() if key not in ("root", "folder")}
    return {
        "name": recipe.name,
        "network": recipe.network_of(stage).plain(),
        "charset": "",
        "data": without_folders(data),
        "recipe": without_folders({"seed": recipe.seed, "stages": whole["stages"]}),
        "stage": stage.name,
        "code": code_version(),
    }


class ValidatePages(Validate):
    """Scores the validation pages every `every` images and at the end; writes log.csv and curves.png into `folder`."""

    def __init__(self, pages: PageValidation, task: DetectionTask, folder: Path, every: int) -> None:
        super().__init__([], [], folder, every)
        self.pages, self.task = pages, task

    def scores(self, net: Detector, device: str) -> dict[str, float]:
        """The validation scores by column name, of the averaged network if there is one."""
        score = self.pages.score_net(self.task.result, device)
        shares = {"lines accuracy": score.lines, "cells accuracy": score.cells, "gaps accuracy": score.gaps}
        return {**{name: round(value, 4) for name, value in shares.items()}, "height": round(score.height, 4)}


def run_stage(recipe: PageRecipe, index: int, deadline: float | None = None) -> None:
    """Trains a stage to its end, from its last checkpoint if there is one, and writes its weights."""
    stage = recipe.stages[index]
    finished = weights_path(recipe, stage.name)
    folder = finished.parent
    folder.mkdir(parents=True, exist_ok=True)
    card = card_of(recipe, stage)
    seen = read_checkpoint(folder / "last.ckpt", card)
    task = DetectionTask(starting_net(recipe, index), stage, load_teacher(recipe, stage), card)
    validate = ValidatePages(PageValidation(validation_pages(recipe)), task, folder, recipe.validate_every)
    steps = max(1, recipe.checkpoint_every // recipe.data.batch)
    trainer = open_trainer(recipe, folder, validate, steps, deadline)
    # A resumed run must not draw the crops that it has already seen.
    data = open_pages(recipe, recipe.seed + 100 * index + seen, trainer.global_rank)
    fit(trainer, task, data, folder)
    if trainer.is_global_zero:
        save_weights(finished, task.result, task.card())
    trainer.strategy.barrier()


def run_page_recipe(recipe: PageRecipe) -> Path:
    """Runs every unfinished stage and returns the path of the last stage's weights. Raises like `run_recipe`."""
    check_references(recipe)
    # A forked worker inherits opencv without its threads, and would wait for them forever.
    cv2.setNumThreads(0)
    done = [weights_path(recipe, stage.name) for stage in recipe.stages]
    run_stages(recipe, done, lambda index, deadline: run_stage(recipe, index, deadline))
    return done[-1]
