"""The images that a pruning works with, as a recipe: the user's own labels, or those of a recipe that there is."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import yaml
from torch import Tensor

from bitocr.errors import UsageError
from bitocr.files import write_atomic
from bitocr.lab.compress.prune_options import Options
from bitocr.lab.data.own import hold_back, read_own, write_labels
from bitocr.lab.train.config import merge
from bitocr.lab.train.run import open_data
from bitocr.lab.train.task import to_input
from bitocr.lab.train.values import read_mapping

RECIPE = Path(__file__).parents[1] / "recipes" / "prune.yaml"

ADAPTED = 4
"""Batches by which the batch norms of a cut network are adapted."""


def base_recipe(options: Options, out: Path) -> dict[str, Any]:
    """The shipped recipe with sources and validation sets; own labels are divided into two files in `out`.

    Raises:
        UsageError: there are no images or labels, or a recipe without a validation set.
    """
    base = read_mapping(RECIPE, "a recipe")
    if Path(options.data).suffix in (".yaml", ".yml"):
        given = read_mapping(options.data, "a recipe")
        if not given.get("validation"):
            raise UsageError(f"{options.data}: pruning needs a recipe with a validation set")
        return merge(base, {key: given[key] for key in ("data", "validation", "trainer", "seed") if key in given})
    own = read_own(options.data)
    if not any(image.is_file() for image, _ in own):
        raise UsageError(f"{options.data}: none of its {len(own)} images is there: the first is {own[0][0]}")
    train, held = (own, read_own(options.validation)) if options.validation else hold_back(own)
    write_labels(out / "train.tsv", train)
    write_labels(out / "held-back.tsv", held)
    sources: list[dict[str, Any]] = [{"path": "train.tsv", "weight": options.share}]
    if options.share < 1:
        sources.append({"synth": "mix", "weight": 1 - options.share})
    validation = [{"path": "held-back.tsv", "protocol": options.protocol, "name": "held back"}]
    return merge(base, {"data": {"root": str(out.resolve()), "sources": sources}, "validation": validation})


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
