"""The folder of a compression: its settings, its images as a recipe, and the recipes of its trainings.

Each step has a folder. A single step (`bitocr prune`, `bitocr quantize`) uses OUT itself:

    OUT/settings.json           the settings, which must be the same to resume
    OUT/images.yaml             the images of all steps, as a recipe
    OUT/train.tsv, held-back.tsv    your own labels, split in two
    OUT/original/               the files of training, if the checkpoint is trained first
    STEP/settings.json          the settings of the step, and the SHA-256 of its input weights
    STEP/recipe.yaml            the recipe of its training, for `bitocr train`; in pruning, one per round's folder
    STEP/weights.safetensors    the result: a checkpoint like the first
    STEP/report.json, report.md
    STEP/export.json, export.md whether its exported files (in OUT) read the same as the checkpoint
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.config.compression import Images, Kind
from bitocr.lab.config.load import merge
from bitocr.lab.config.network import Network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.data.own import hold_back, read_own, write_labels
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import NOTE, begin, begun_with

RECIPES = Path(__file__).parents[1] / "recipes"
RECIPE_SUFFIXES = (".yaml", ".yml")
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True)
class Workspace:
    """The files of a step.

    Attributes:
        checkpoint: the input of the step.
        images: the keys of a training recipe that describe the images, from `image_recipe`.
        own: the label file of your own images to train on; None if the images come from a recipe.
        out: the step's folder.
        overrides: key=value for the recipe of every training.
    """

    checkpoint: Path
    images: dict[str, Any]
    own: Path | None
    out: Path
    overrides: Sequence[str] = ()

    @property
    def result(self) -> Path:
        return self.out / WEIGHTS

    @property
    def own_images(self) -> dict[str, Any]:
        """For your own images: their share in training, and the protocol that scores them."""
        if self.own is None:
            return {}
        return {
            "share": self.images["data"]["sources"][0]["weight"],
            "protocol": self.images["validation"][0]["protocol"],
        }

    def stage(self, images: int, keep_zeros: bool) -> dict[str, Any]:
        """The keys of a training's only stage, with the checkpoint as the teacher."""
        given = {"images": images} if images else {}
        return {"teacher": str(self.checkpoint.resolve()), "keep_zeros": keep_zeros, **given}

    def open_recipe(
        self,
        kind: Kind,
        folder: Path,
        card: dict[str, Any],
        network: Network,
        stages: Sequence[dict[str, Any]],
    ) -> Recipe:
        """Writes FOLDER/recipe.yaml, the recipe of a step's training, and loads it with the overrides.

        Args:
            kind: the kind of step, which names the shipped recipe to start from.
            folder: the folder of the training.
            card: the checkpoint's card.
            network: the network to train.
            stages: the keys of each stage, in addition to those of the shipped recipe.

        Raises:
            UsageError: the recipe cannot be run.
        """
        recipe = merge(read_mapping(RECIPES / f"{kind}.yaml", "a recipe"), self.images)
        usual = recipe.get("stages", [])
        recipe |= {
            "name": str(card.get("name", "model")),
            "out": str(folder),
            "charset": card["charset"],
            "network": {key: value for key, value in network.plain().items() if key != "classes"},
            "stages": [{**(usual[index] if usual else {}), **stage} for index, stage in enumerate(stages)],
        }
        return load_recipe(write_yaml(folder / "recipe.yaml", recipe), self.overrides)


def write_yaml(path: Path, values: dict[str, Any]) -> Path:
    write_atomic(path, yaml.safe_dump(values, allow_unicode=True, sort_keys=False).encode())
    return path


def digest(file: Path) -> str:
    """A file's SHA-256."""
    return sha256(file.read_bytes()).hexdigest()


def begin_step(out: Path, settings: dict[str, Any], checkpoint: Path) -> None:
    """Makes or finds a step's folder. Raises UsageError if it has other settings or other weights."""
    settings = {**settings, "weights": digest(checkpoint)}
    earlier = begun_with(out) if (out / NOTE).exists() else settings
    if isinstance(earlier, dict) and earlier != settings and {**earlier, "weights": settings["weights"]} == settings:
        raise UsageError(f"{out} was made from other weights than {checkpoint}: remove it to repeat that step")
    begin(out, settings)


def check_data(images: Images) -> None:
    """Raises UsageError if there are no images."""
    if not Path(images.path).exists():
        raise UsageError(f"{images.path}: no such folder, label file or recipe")


def image_recipe(images: Images, out: Path) -> dict[str, Any]:
    """The keys of a recipe that describe the images: data and validation; from a recipe also trainer and seed.

    Splits your own labels into two files in `out`: train.tsv and held-back.tsv.

    Raises:
        UsageError: there are no images or labels, or the recipe has no validation set.
    """
    if Path(images.path).suffix in RECIPE_SUFFIXES:
        given = read_mapping(images.path, "a recipe")
        if not given.get("validation"):
            raise UsageError(f"{images.path}: it has no validation set to measure the loss of accuracy on")
        return {key: given[key] for key in ("data", "validation", "trainer", "seed") if key in given}
    own = read_own(images.path)
    if not any(image.is_file() for image, _ in own):
        raise UsageError(f"{images.path}: none of its {len(own)} images is there: the first is {own[0][0]}")
    train, held = (own, read_own(images.validation)) if images.validation else hold_back(own)
    write_labels(out / "train.tsv", train)
    write_labels(out / "held-back.tsv", held)
    sources: list[dict[str, Any]] = [{"path": "train.tsv", "weight": images.share}]
    if images.share < 1:
        sources.append({"synth": "mix", "weight": 1 - images.share})
    validation = [{"path": "held-back.tsv", "protocol": images.protocol, "name": "held back"}]
    return {"data": {"root": str(out.resolve()), "sources": sources}, "validation": validation}
