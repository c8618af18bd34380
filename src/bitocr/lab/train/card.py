"""The card of a checkpoint: the settings, data and code version that made it. Absolute paths are left out."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import bitocr
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.stage import Stage
from bitocr.lab.train.config import stage_network


def code_version() -> str:
    """The package's version and, in a checkout, the commit."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return bitocr.__version__
    return f"{bitocr.__version__}+{commit}"


def card_of(recipe: Recipe, stage: Stage) -> dict[str, Any]:
    """The card of a stage. The task adds the images seen."""
    whole = recipe.plain()
    data = {key: value for key, value in whole["data"].items() if key != "root"}
    return {
        "name": recipe.name,
        "network": stage_network(recipe, stage).plain(),
        "charset": recipe.charset,
        "data": without_folders(data["sources"]),
        "recipe": without_folders({"seed": recipe.seed, "stages": whole["stages"], "data": data}),
        "stage": stage.name,
        "code": code_version(),
    }


def without_folders(value: Any) -> Any:
    """Shortens absolute paths in plain values to their last two parts: FOLDER/labels.tsv, STAGE/weights.safetensors."""
    if isinstance(value, dict):
        return {key: without_folders(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_folders(item) for item in value]
    if isinstance(value, str) and Path(value).is_absolute():
        return "/".join(Path(value).parts[1:][-2:])
    return value
