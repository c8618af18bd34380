"""Runs a recipe: one stage after the other, each resumed where it stopped. Each stage leaves a weights file."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import islice
from pathlib import Path
from textwrap import shorten
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_only
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from torch import Tensor

from bitocr.errors import BitocrWarning, UsageError
from bitocr.lab.config.pages import PageRecipe
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.stream import TextStream, loader
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.fused import compile_all
from bitocr.lab.nn.prune.sparsity import make_permanent
from bitocr.lab.nn.quant.ranges import calibrate, is_calibrated
from bitocr.lab.train.callbacks import ShowProgress, TimeLimit, Validate
from bitocr.lab.train.card import card_of
from bitocr.lab.train.nets import check_references, load_teachers, starting_net, weights_path
from bitocr.lab.train.pace import Paced
from bitocr.lab.train.task import RecognitionTask, to_input
from bitocr.lab.train.together import TogetherTask
from bitocr.lab.train.validate import ValidationSet
from bitocr.lab.train.weights import save_weights

#: Trainer options that a recipe's "trainer" cannot change.
FIXED: dict[str, Any] = {
    "max_epochs": -1,
    "logger": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "gradient_clip_val": 5.0,
    "use_distributed_sampler": False,
}


#: How many batches of the recipe's data calibrate a stage's activation ranges.
CALIBRATED = 8


def open_validation(recipe: Recipe, folder: Path) -> Validate:
    root, charset = Path(recipe.data.root), Charset(recipe.charset)
    sets = [ValidationSet(str(root / each.path), each.protocol, charset, each.limit) for each in recipe.validation]
    return Validate(sets, [each.title for each in recipe.validation], folder, recipe.validate_every)


def open_data(recipe: Recipe, seed: int, rank: int) -> Any:
    data, root = recipe.data, Path(recipe.data.root)
    sources = [each if each.path is None else each.replace(path=str(root / each.path)) for each in data.sources]
    # Each process draws its own images.
    stream = TextStream(
        sources, Charset(recipe.charset), data.columns, data.reuse, data.capacity, data.jitter, seed + 10_007 * rank
    )
    batches = loader(stream, data.workers)
    return Paced(batches, stream.reuse, data.reuse_limits) if data.reuse_limits else batches


def first_images(recipe: Recipe, batches: int) -> list[Tensor]:
    """The first batches of a recipe's data, float [N, 1, 32, W]."""
    data = open_data(recipe.replace(data=recipe.data.replace(workers=0, reuse_limits=None)), recipe.seed, 0)
    return [to_input(batch.images) for batch in islice(data, batches)]


def read_checkpoint(path: Path, card: dict[str, Any]) -> int:
    """The number of images that a stage's last checkpoint has seen; 0 if there is none.

    Raises:
        UsageError: the file is damaged, or its network or charset differs from this card's.
    """
    if not path.exists():
        return 0
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=False)
        seen, theirs = int(checkpoint["seen"]), checkpoint.get("card", {})
        other = [key for key in ("network", "charset") if key in theirs and theirs[key] != card[key]]
    except Exception:  # a damaged pickle may raise anything
        raise UsageError(f"{path}: not a whole checkpoint: remove it to restart its stage") from None
    if other:
        raise UsageError(f"{path}: of another {other[0]} than this recipe's: remove it, or train into another folder")
    return seen


def run_stage(recipe: Recipe, index: int, deadline: float | None = None) -> None:
    """Trains a stage to its end, from its last checkpoint if there is one, and writes its weights."""
    stage = recipe.stages[index]
    finished = weights_path(recipe, stage.name)
    folder = finished.parent
    folder.mkdir(parents=True, exist_ok=True)
    card = card_of(recipe, stage)
    seen = read_checkpoint(folder / "last.ckpt", card)
    net = starting_net(recipe, index)
    if not seen and not is_calibrated(net):
        calibrate(net, first_images(recipe, CALIBRATED))
    task = open_task(recipe, index, net, card)
    # A step has about columns / 100 images, since words are about 100 columns wide.
    steps = max(1, recipe.checkpoint_every * 100 // recipe.data.columns)
    trainer = open_trainer(recipe, folder, open_validation(recipe, folder), steps, deadline)
    # A resumed run must not draw the images that it has already seen.
    data = open_data(recipe, recipe.seed + 100 * index + seen, trainer.global_rank)
    fit(trainer, task, data, folder)
    if isinstance(task, TogetherTask) and not task.has_finished:
        task.finish_tutor()  # both end with the same step
    if trainer.is_global_zero:
        make_permanent(task.net)
        save_weights(finished, task.net, task.card())
    trainer.strategy.barrier()


def open_task(recipe: Recipe, index: int, net: CRNN, card: dict[str, Any]) -> RecognitionTask:
    """The task of a stage, with its teacher's task inside if the two are trained together."""
    stage = recipe.stages[index]
    if not learns_beside(recipe, index):
        return RecognitionTask(net, stage, load_teachers(recipe, stage), card, recipe.speed)
    theirs = recipe.stages[index - 1]
    teacher = starting_net(recipe, index - 1)
    if not is_calibrated(teacher):
        calibrate(teacher, first_images(recipe, CALIBRATED))
    tutor = RecognitionTask(teacher, theirs, load_teachers(recipe, theirs), card_of(recipe, theirs), recipe.speed)
    return TogetherTask(net, stage, tutor, card, recipe.speed, partial(write_tutor, weights_path(recipe, theirs.name)))


@rank_zero_only
def write_tutor(path: Path, tutor: RecognitionTask) -> None:
    """Writes the weights of a teacher whose stage has ended, just as if it had been trained alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    net = deepcopy(tutor.net).cpu()
    make_permanent(net)
    save_weights(path, net, tutor.card())


def learns_beside(recipe: Recipe, index: int) -> bool:
    """Whether a stage's teacher is trained with it: from now on, or before its checkpoint was written."""
    stage = recipe.stages[index]
    last = weights_path(recipe, stage.name).parent / "last.ckpt"
    if not stage.together:
        return False
    if last.exists():
        return "tutor" in torch.load(last, map_location="cpu", weights_only=False)
    return not weights_path(recipe, stage.teacher[0]).exists()


def fit(trainer: L.Trainer, task: L.LightningModule, data: Any, folder: Path) -> None:
    """Trains, from the folder's last checkpoint if there is one. Raises KeyboardInterrupt on Ctrl-C."""
    last = folder / "last.ckpt"
    try:
        trainer.fit(task, data, ckpt_path=str(last) if last.exists() else None, weights_only=False)
    except SystemExit:  # lightning turns Ctrl-C into this
        raise KeyboardInterrupt from None


def open_trainer(
    recipe: Recipe | PageRecipe, folder: Path, validate: L.Callback, steps: int, deadline: float | None
) -> L.Trainer:
    """A trainer that writes a checkpoint every `steps` steps."""
    checkpoint = ModelCheckpoint(
        folder, "step", save_top_k=1, save_last=True, every_n_train_steps=steps, save_on_exception=True
    )
    callbacks: list[L.Callback] = [checkpoint, validate, ShowProgress()]
    if deadline is not None:
        callbacks.append(TimeLimit(deadline))
    try:
        return L.Trainer(**FIXED, callbacks=callbacks, **recipe.trainer.plain())
    except (TypeError, ValueError, MisconfigurationException) as error:
        raise UsageError(f"trainer: {shorten(str(error), 300, placeholder=' ...')}") from None


def run_recipe(recipe: Recipe) -> Path:
    """Runs every unfinished stage and returns the path of the last stage's weights.

    Raises:
        UsageError: the recipe cannot be run.
        KeyboardInterrupt: the recipe's minutes are over, or Ctrl-C; the same call resumes from the last checkpoint.
    """
    check_references(recipe)
    done = [weights_path(recipe, stage.name) for stage in recipe.stages]

    def run_one(index: int, deadline: float | None) -> None:
        following = index + 1
        is_teacher = following < len(done) and recipe.stages[following].together and not done[following].exists()
        if not is_teacher:  # a teacher is trained with the next stage
            run_stage(recipe, index, deadline)

    run_stages(recipe, done, run_one)
    return done[-1]


def run_stages(recipe: Recipe | PageRecipe, done: list[Path], run_one: Callable[[int, float | None], None]) -> None:
    """Runs the stages whose weights (`done`) do not exist; `run_one` takes a stage's number and a deadline."""
    deadline = time.monotonic() + 60 * recipe.minutes if recipe.minutes else None
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", module="lightning")
    if compile_all(recipe.compile) != recipe.compile:
        told = "compile: there is no C++ compiler here, so training takes longer"
        warnings.warn(told, BitocrWarning, stacklevel=2)
    for index, weights in enumerate(done):
        L.seed_everything(recipe.seed + index, verbose=False)
        if not weights.exists():
            run_one(index, deadline)
