"""Prepares compressions: reads their settings from a recipe, and checks them against files and networks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.compression import Compression
from bitocr.lab.config.convert import convert
from bitocr.lab.config.load import load
from bitocr.lab.config.training import Trainer
from bitocr.lab.jobs.steps import Step, open_steps
from bitocr.lab.jobs.workspace import RECIPE_SUFFIXES, RECIPES, check_data
from bitocr.lab.train.config import load_recipe


@dataclass(frozen=True)
class Plan:
    """A checked compression.

    Attributes:
        settings: the settings as given.
        root: the folder that relative paths of recipes and of the report's sets start from.
        steps: the steps in order.
    """

    settings: Compression
    root: Path
    steps: list[Step]

    @property
    def out(self) -> Path:
        return Path(self.settings.out)

    @property
    def checkpoint(self) -> Path:
        return Path(self.settings.checkpoint)

    @property
    def training(self) -> dict[str, Any]:
        """The keys of a training recipe that apply to all trainings."""
        return {"data": self.settings.data.training, "trainer": self.settings.trainer}

    @property
    def sets(self) -> list[dict[str, Any]]:
        """The sets of the report, with full paths. If empty, it uses the validation sets."""
        return [{**each.plain(), "path": str(self.root / each.path)} for each in self.settings.report.sets]

    def begun_with(self) -> dict[str, Any]:
        """The settings that must stay the same to resume. Each step checks its own."""
        images = self.settings.data
        paths = {"checkpoint": self.checkpoint, "root": self.root, "data": Path(images.path)}
        if images.validation is not None:
            paths["validation"] = Path(images.validation)
        whole = {key: str(path.resolve()) for key, path in paths.items()}
        return {"share": images.share, "protocol": images.protocol, **whole}


def find_recipe(name: str) -> Path:
    """A file, or a recipe that comes with the package: "float" or "binary". Raises UsageError."""
    shipped = RECIPES / f"compress-{name}.yaml"
    path = shipped if not Path(name).is_file() and shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem.partition("-")[2] for file in RECIPES.glob("compress-*.yaml")))
        raise UsageError(f"{name}: no such recipe: give a YAML file as in docs/compress.md, or one of {known}")
    return path


def load_plan(name: str, overrides: Sequence[str] = ()) -> Plan:
    """Reads a recipe and applies the overrides.

    Raises:
        UsageError, ModelError: a part of the recipe cannot run. Raised before anything runs.
    """
    path = find_recipe(name)
    settings = load(path, Compression, overrides)
    try:
        return open_plan(settings)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def open_plan(settings: Compression) -> Plan:
    """Checks the files and networks that the settings name. Raises UsageError, ModelError."""
    convert(settings.trainer, Trainer, at="trainer")
    check_data(settings.data)
    plan = Plan(settings, root_of(settings), open_steps(settings.steps, Path(settings.checkpoint)))
    for path in (entry["path"] for entry in plan.sets):
        if not Path(path).exists():
            raise UsageError(f"report.sets: {path}: no such file or folder (relative to data.root)")
    return plan


def root_of(settings: Compression) -> Path:
    """`data.root`, else the recipe's root; for your own labels, the working directory. Raises UsageError."""
    images = settings.data
    if images.root is not None:
        return Path(images.root)
    is_recipe = Path(images.path).suffix in RECIPE_SUFFIXES
    return Path(load_recipe(images.path).data.root if is_recipe else ".")
