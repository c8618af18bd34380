"""The recipe by which each round of a pruning finetunes, and the images that its batch norms are adapted by."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from torch import Tensor

from bitocr.files import write_atomic
from bitocr.lab.compress.prune_options import Options
from bitocr.lab.train.config import merge
from bitocr.lab.train.run import open_data
from bitocr.lab.train.task import to_input

ADAPTED = 4
"""Batches by which the batch norms of a cut network are adapted."""


def write_recipe(
    base: dict[str, Any], options: Options, folder: Path, card: dict[str, Any], network: dict[str, Any]
) -> Path:
    """Writes a round's recipe into its folder: how the network that was cut there is finetuned."""
    recipe = merge(
        base,
        {
            "name": str(card.get("name", "model")),
            "out": str(folder),
            "charset": card["charset"],
            "network": {key: value for key, value in network.items() if key != "classes"},
        },
    )
    recipe["stages"][0] |= {
        "teacher": str(Path(options.checkpoint).resolve()),
        "keep_zeros": options.sparsity is not None,
    }
    if options.images:
        recipe["stages"][0]["images"] = options.images
    path = folder / "recipe.yaml"
    write_atomic(path, yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False).encode())
    return path


def norm_batches(recipe: dict[str, Any]) -> list[Tensor]:
    """Images of a recipe's sources, float [N, 1, 32, W], to adapt batch norms by."""
    data = open_data({**recipe, "data": {**recipe["data"], "workers": 0}}, recipe["seed"], 0)
    return [to_input(batch.images) for batch in islice(data, ADAPTED)]
