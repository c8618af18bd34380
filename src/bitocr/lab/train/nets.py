"""The networks of a recipe's stages: where their weights lie, what each starts from, and who teaches it."""

from __future__ import annotations

from pathlib import Path

from bitocr.errors import UsageError
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.stage import Stage
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.prune.sparsity import hold_zeros
from bitocr.lab.train.config import stage_network
from bitocr.lab.train.weights import network_of_weights
from bitocr.lab.train.widen import load_start


def weights_path(recipe: Recipe, stage_name: str) -> Path:
    return Path(recipe.out) / stage_name / "weights.safetensors"


def find_weights(recipe: Recipe, name: str) -> Path:
    """The weights of an earlier stage by its name, or a file by its path.

    Raises:
        UsageError: there is neither.
    """
    for path in (weights_path(recipe, name), Path(name)):
        if path.is_file():
            return path
    raise UsageError(f"{name!r} is neither a finished stage in {recipe.out} nor a weights file")


def check_references(recipe: Recipe) -> None:
    """Every weights file that a stage needs is there or made by a stage before it; told before hours of training."""
    names = [stage.name for stage in recipe.stages]
    for index, stage in enumerate(recipe.stages):
        if weights_path(recipe, stage.name).exists():
            continue
        is_fresh = stage.start == "scratch" or (stage.start == "previous" and index == 0)
        if is_fresh and stage_network(recipe, stage).quantize is not None:
            raise UsageError(f"stages.{index} is quantized from the start: begin with trained weights, start=WEIGHTS")
        for name in {stage.start, *stage.teacher} - {"previous", "scratch", *names[:index]}:
            find_weights(recipe, name)


def starting_net(recipe: Recipe, index: int) -> CRNN:
    """The stage's network: fresh, or with the weights of an earlier stage or of a file."""
    stage = recipe.stages[index]
    network = stage_network(recipe, stage)
    start = stage.start
    if start == "previous":
        start = recipe.stages[index - 1].name if index else "scratch"
    if start == "scratch":
        return build(network)
    net = load_start(find_weights(recipe, start), recipe.charset, network)
    if stage.keep_zeros:
        hold_zeros(net)
    return net.train()


def load_teachers(recipe: Recipe, stage: Stage) -> list[CRNN]:
    """The stage's teachers, which must have steps as wide; none where it has none.

    Of a charset that is a beginning of the recipe's, a teacher never finds the characters that it lacks likeliest.
    """
    ours = stage_network(recipe, stage).columns_per_step
    teachers = []
    for path in (find_weights(recipe, name) for name in stage.teacher):
        network = network_of_weights(path)
        net = load_start(path, recipe.charset, network.replace(classes=len(recipe.charset) + 1))
        theirs = network.columns_per_step
        if theirs != ours:
            raise UsageError(f"{path}: a teacher with a step every {theirs} columns cannot teach one with every {ours}")
        teachers.append(net)
    return teachers
