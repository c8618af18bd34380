"""The images of a compression, and the training that is part of it, as a recipe in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.config.load import merge
from bitocr.lab.config.network import Network
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.data.own import hold_back, read_own, write_labels
from bitocr.lab.jobs.options import Images

RECIPES = Path(__file__).parents[1] / "recipes"

RECIPE_SUFFIXES = (".yaml", ".yml")


def base_recipe(verb: str, options: Images, out: Path) -> dict[str, Any]:
    """The shipped recipe of "prune", "quantize" or "distill" with the images of the options; see `image_recipe`."""
    return merge(read_mapping(RECIPES / f"{verb}.yaml", "a recipe"), image_recipe(options, out))


def image_recipe(options: Images, out: Path) -> dict[str, Any]:
    """The keys of a recipe that tell the images: data and validation, of a recipe trainer and seed too.

    Own labels are divided into two files in `out`: train.tsv and held-back.tsv.

    Raises:
        UsageError: there are no images or labels, or a recipe without a validation set.
    """
    if Path(options.data).suffix in RECIPE_SUFFIXES:
        given = read_mapping(options.data, "a recipe")
        if not given.get("validation"):
            raise UsageError(f"{options.data}: it has no validation set, by which what is lost would be measured")
        return {key: given[key] for key in ("data", "validation", "trainer", "seed") if key in given}
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
    return {"data": {"root": str(out.resolve()), "sources": sources}, "validation": validation}


def check_data(options: Images) -> None:
    """Raises UsageError where there is nothing at all."""
    if not Path(options.data).exists():
        raise UsageError(f"{options.data}: no such folder, label file or recipe")


def write_recipe(
    base: dict[str, Any], out: Path, card: dict[str, Any], network: Network, stage: dict[str, Any]
) -> Path:
    """Writes the recipe by which a network is trained in a compression, and gives its path: OUT/recipe.yaml.

    Args:
        base: of `base_recipe`.
        out: its folder, and that of the training.
        card: of the checkpoint that is compressed.
        network: what is trained.
        stage: keys of the one stage.
    """
    recipe = merge(
        base,
        {
            "name": str(card.get("name", "model")),
            "out": str(out),
            "charset": card["charset"],
            "network": {key: value for key, value in network.plain().items() if key != "classes"},
        },
    )
    recipe["stages"][0] |= stage
    path = out / "recipe.yaml"
    write_atomic(path, yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False).encode())
    return path
