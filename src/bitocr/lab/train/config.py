"""Recipes: one YAML file describes a whole training, and ``key=value`` on the command line overrides it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.metrics import PROTOCOLS

#: What a stage may set; the recipe's "defaults" gives the rest.
STAGE_DEFAULTS: dict[str, Any] = {
    "name": "train",
    "stage": None,  # how far the network is binarized; None leaves it as the recipe's network says
    "images": 1_000_000,
    "lr": 1e-2,  # of kernels and matrices (Muon)
    "lr_rest": 2e-3,  # of everything else (AdamW)
    "weight_decay": 0.01,
    "schedule": "cosine",
    "warmup": 0.03,
    "teacher": None,  # an earlier stage's name or a weights file; frozen
    "start": "previous",  # "previous", "scratch", an earlier stage's name or a weights file
    "distill": 0.0,  # weight of the KL divergence to the teacher, frame by frame
    "temperature": 1.0,
}

DEFAULTS: dict[str, Any] = {
    "name": "model",
    "out": "runs/model",
    "seed": 0,
    "network": {},
    "data": {
        "root": "data",  # what relative paths of sources and validation sets start from
        "sources": [{"synth": "mix", "weight": 1.0}],
        "columns": 12288,
        "reuse": 4,
        "capacity": 50_000,
        "jitter": 0.12,
        "workers": 1,
    },
    "validation": [],  # {"path": labels, "protocol": "scene" | "line", "limit": n}
    "trainer": {"precision": "bf16-mixed", "accelerator": "auto", "devices": "auto", "strategy": "auto"},
    "validate_every": 100_000,  # images
    "checkpoint_every": 50_000,  # images
    "stages": [{}],
}


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` on `base`, dictionaries merged key by key, anything else replaced."""
    merged = deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def override(config: Any, assignment: str) -> None:
    """Applies ``a.b.0.c=value`` in place; the value is read as YAML.

    Raises:
        UsageError: no "=", or a path that the recipe does not have.
    """
    path, separator, text = assignment.partition("=")
    if not separator:
        raise UsageError(f"{assignment!r} is not key=value, as in stages.0.images=100000")
    *parents, last = path.split(".")
    try:
        for key in parents:
            config = config[int(key)] if isinstance(config, list) else config[key]
        if isinstance(config, list):
            config[int(last)] = yaml.safe_load(text)
        elif isinstance(config, dict):
            config[last] = yaml.safe_load(text)
        else:
            raise KeyError(last)
    except (KeyError, IndexError, ValueError):
        raise UsageError(f"{path!r} is not in the recipe, so it cannot be set") from None


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Reads a recipe, fills in the defaults and applies the overrides.

    Raises:
        UsageError: no such file, not YAML, unknown keys.
    """
    try:
        loaded = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot read the recipe ({error})") from None
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(loaded, dict):
        raise UsageError(f"{path}: a recipe is a mapping of keys to values")
    recipe = merge(DEFAULTS, loaded)
    for assignment in overrides:
        override(recipe, assignment)
    check_keys(path, recipe, DEFAULTS, "recipe")
    for part in ("data", "trainer", "network"):
        if not isinstance(recipe[part], dict):
            raise UsageError(f"{path}: {part} is a mapping of keys to values")
    check_keys(path, recipe["data"], DEFAULTS["data"], "data")
    check_lists(path, recipe)
    recipe["stages"] = [{**STAGE_DEFAULTS, **stage} for stage in recipe["stages"]]
    for stage in recipe["stages"]:
        check_keys(path, stage, STAGE_DEFAULTS, "stage")
    return recipe


def check_lists(path: str | Path, recipe: dict[str, Any]) -> None:
    """The recipe's lists hold what they should: sources, validation sets, stages."""
    wanted = {
        "data.sources": (recipe["data"]["sources"], "a weight, and a path or a kind to synth", is_source),
        "validation": (recipe["validation"], "a path and a protocol, scene or line", is_validation),
        "stages": (recipe["stages"], "keys and values", lambda entry: isinstance(entry, dict)),
    }
    for name, (entries, what, is_right) in wanted.items():
        if not isinstance(entries, list) or not all(is_right(entry) for entry in entries):
            raise UsageError(f"{path}: {name} is a list, each entry with {what}")
    if not recipe["data"]["sources"] or not recipe["stages"]:
        raise UsageError(f"{path}: a recipe needs at least one source and one stage")


def is_source(entry: Any) -> bool:
    has_weight = isinstance(entry, dict) and isinstance(entry.get("weight"), (int, float)) and entry["weight"] > 0
    return has_weight and len({"path", "synth"} & set(entry)) == 1


def is_validation(entry: Any) -> bool:
    return isinstance(entry, dict) and "path" in entry and entry.get("protocol") in PROTOCOLS


def check_keys(path: str | Path, given: dict[str, Any], known: dict[str, Any], what: str) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise UsageError(f"{path}: unknown {what} key {unknown[0]!r}; a {what} has {', '.join(known)}")
