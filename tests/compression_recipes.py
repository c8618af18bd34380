"""Recipes for `bitocr compress`, with their own checkpoint and pictures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import yaml

from bitocr.lab.nn.crnn import build
from bitocr.lab.train.weights import save_weights
from conftest import CHARSET
from labelled import write_pictures

TEXTS = ["Tea", "Bread", "12 eggs", "Milk", "Oats", "Rye", "Flour", "3,50", "Salt", "Rice", "Jam", "Oil"]
MOBILE = {
    "arch": "mobilenet_crnn",
    "stem": 8,
    "blocks": [[16, [2, 2]], [16, [2, 1]]],
    "neck": {"type": "bilstm", "hidden": 8},
}
DATA = {"share": 1, "columns": 256, "workers": 0}
HALF = {"prune": {"keep": 0.5, "by": "even", "multiple": 4, "images": 100}}


def recipe_writer(folder: Path) -> Callable[..., Path]:
    """Writes a checkpoint and twelve pictures. Returns a function that writes a recipe and returns its path."""
    write_pictures(folder / "shop", TEXTS)
    torch.manual_seed(0)
    weights = folder / "mobile" / "weights.safetensors"
    config = {**MOBILE, "classes": len(CHARSET) + 1}
    save_weights(weights, build(config), {"name": "mobile", "network": config, "charset": CHARSET})

    def write(steps: Any, **keys: Any) -> Path:
        recipe = {
            "out": str(folder / "out"),
            "checkpoint": str(weights),
            "data": {"path": str(folder / "shop"), **DATA},
            "trainer": {"precision": "32-true"},
            "steps": steps,
            "report": {"rounds": 1},
            **keys,
        }
        path = folder / "recipe.yaml"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False))
        return path

    return write
