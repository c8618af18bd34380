"""Loads recipes, and checks what `bitocr.lab.config.recipe` cannot: the charset, and that the networks can be built."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from bitocr.errors import UsageError
from bitocr.lab.config.network import AnyNetwork, Network
from bitocr.lab.config.recipe import Recipe, read_recipe
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.nn.crnn import build


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe with ``key=value`` overrides; the name of its charset becomes its characters.

    Raises:
        UsageError: there is no such file, it is not YAML, a key is unknown, a value is wrong, or a network cannot be
            built.
    """
    recipe = read_recipe(path, overrides)
    try:
        recipe = recipe.replace(charset=open_charset(recipe.charset).characters)
    except UsageError as error:
        raise UsageError(f"{path}: charset: {error}") from None
    for index, stage in enumerate(recipe.stages):
        try:
            check_network(stage_network(recipe, stage))
        except UsageError as error:
            raise UsageError(f"{path}: stages.{index}: {error}") from None
    return recipe


def stage_network(recipe: Recipe, stage: Stage) -> AnyNetwork:
    """The network that a stage trains, for a recipe of `load_recipe`. Raises UsageError."""
    return recipe.network_of(stage, Charset(recipe.charset).classes)


def check_network(network: Network) -> None:
    """Builds the network without its weights, so that a bad one fails before hours of training. Raises UsageError."""
    with torch.device("meta"):
        build(network)
