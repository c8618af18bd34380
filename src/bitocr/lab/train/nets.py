"""The networks of a recipe's stages: where their weights are, what each starts from, and which teachers it has."""

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
    """The weights of an earlier stage (by name) or a weights file (by path).

    Raises:
        UsageError: the name is neither.
    """
    for path in (weights_path(recipe, name), Path(name)):
        if path.is_file():
            return path
    raise UsageError(f"{name!r} is neither a finished stage in {recipe.out} nor a weights file")


def check_references(recipe: Recipe) -> None:
    """Checks that each weights file a stage needs exists or comes from an earlier stage. Raises UsageError."""
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
    """The network of a stage: new, or with the weights of an earlier stage or a file."""
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
    """The teachers of a stage; empty if it has none. Their frames must be as wide as the student's.

    A teacher's charset may be a prefix of the recipe's. A character that it lacks is never its likeliest class.
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
