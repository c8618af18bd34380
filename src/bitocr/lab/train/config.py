"""Recipes: one YAML file describes a whole training, and ``key=value`` on the command line overrides it."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch

from bitocr.errors import UsageError
from bitocr.inspect.metrics import PROTOCOLS
from bitocr.lab.data.charset import Charset, open_charset
from bitocr.lab.data.synth.language import LANGUAGES
from bitocr.lab.data.synth.renderer import KINDS
from bitocr.lab.data.synth.split import SPLITS
from bitocr.lab.nn.crnn import build, complete
from bitocr.lab.train.stages import load_stages
from bitocr.lab.train.values import check_keys, check_values, is_number, parse_yaml, read_mapping

DEFAULTS: dict[str, Any] = {
    "name": "model",
    "out": "runs/model",
    "seed": 0,
    "minutes": 0.0,  # of training after which the command stops, to be given again; 0: none
    "charset": "english",  # "chinese", "chinese:2500", a .txt file with the characters, or the characters themselves
    "network": {},
    "data": {
        "root": "data",  # what relative paths of sources and validation sets start from
        "sources": [{"synth": "mix", "weight": 1.0}],
        "columns": 12288,
        "reuse": 4.0,
        "capacity": 50_000,
        "jitter": 0.12,
        "workers": 1,
    },
    "validation": [],  # {"path": labels, "protocol": "scene" | "line", "limit": n}
    "trainer": {"precision": "bf16-mixed", "accelerator": "auto", "devices": "auto", "strategy": "auto"},
    "compile": False,  # the binary blocks' elementwise parts (bitocr.lab.nn.fused), where there is a C++ compiler
    "validate_every": 100_000,  # images
    "checkpoint_every": 50_000,  # images
    "stages": [{}],  # each with the keys of `bitocr.lab.train.stages`
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
        UsageError: no "=", a value that is no YAML, or a path that the recipe does not have.
    """
    path, separator, text = assignment.partition("=")
    if not separator:
        raise UsageError(f"{assignment!r} is not key=value, as in stages.0.images=100000")
    value = parse_yaml(text, path)
    *parents, last = path.split(".")
    try:
        for key in parents:
            config = config[int(key)] if isinstance(config, list) else config[key]
        if isinstance(config, list):
            config[int(last)] = value
        elif isinstance(config, dict):
            config[last] = value
        else:
            raise KeyError(last)
    except (KeyError, IndexError, TypeError, ValueError):
        raise UsageError(f"{path!r} is not in the recipe, so it cannot be set") from None


def load_recipe(path: str | Path, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """Reads a recipe, fills in the defaults and applies the overrides.

    Raises:
        UsageError: no such file, not YAML, unknown keys, values that are not what they should be.
    """
    recipe = merge(DEFAULTS, read_mapping(path, "a recipe"))
    for assignment in overrides:
        override(recipe, assignment)
    recipe = merge(DEFAULTS, recipe)  # once more, as data={...} replaces all of data
    check_keys(path, recipe, DEFAULTS, "recipe")
    for part in ("data", "trainer", "network"):
        if not isinstance(recipe[part], dict):
            raise UsageError(f"{path}: {part} is a mapping of keys to values")
    check_keys(path, recipe["data"], DEFAULTS["data"], "data")
    check_lists(path, recipe)
    recipe["charset"] = load_charset(path, recipe["charset"])
    recipe = check_values(f"{path}: ", recipe, DEFAULTS)
    recipe["data"] = check_values(f"{path}: data.", recipe["data"], DEFAULTS["data"])
    recipe["stages"] = load_stages(path, recipe["stages"])
    for stage in recipe["stages"]:
        check_network(path, network_config(recipe, stage))
    return recipe


def load_charset(path: str | Path, value: Any) -> str:
    """The characters of a recipe's charset."""
    if not isinstance(value, str):  # YAML reads 0123 as a number, which has lost its first digit
        raise UsageError(f"{path}: charset is a text, not {value!r}: put it in quotes")
    try:
        return open_charset(value).characters
    except UsageError as error:
        raise UsageError(f"{path}: charset: {error}") from None


def network_config(recipe: dict[str, Any], stage: dict[str, Any]) -> dict[str, Any]:
    """The complete config of a stage's network. Raises UsageError."""
    network = dict(recipe["network"])
    if stage["stage"] is not None:
        network["stage"] = stage["stage"]
    if stage["quantize"] is not None:
        network["quantize"] = stage["quantize"]
    network["classes"] = Charset(recipe["charset"]).classes
    return complete(network)


def check_network(path: str | Path, config: dict[str, Any]) -> None:
    """Builds the network without its weights, so that no stage fails after hours of those before it."""
    try:
        with torch.device("meta"):
            build(config)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def check_lists(path: str | Path, recipe: dict[str, Any]) -> None:
    """The recipe's lists hold what they should: sources, validation sets, stages."""
    sources = (
        f"a weight, and a path or what to synth ({', '.join(KINDS)}), perhaps its language, longest, dirt and split"
    )
    validation = "a path, a protocol (scene or line), perhaps a name and a limit"
    wanted = {
        "data.sources": (recipe["data"]["sources"], sources, is_source),
        "validation": (recipe["validation"], validation, is_validation),
        "stages": (recipe["stages"], "keys and values", lambda entry: isinstance(entry, dict)),
    }
    for name, (entries, what, is_right) in wanted.items():
        if not isinstance(entries, list) or not all(is_right(entry) for entry in entries):
            raise UsageError(f"{path}: {name} is a list, each entry with {what}")
    if not recipe["data"]["sources"] or not recipe["stages"]:
        raise UsageError(f"{path}: a recipe needs at least one source and one stage")


def is_source(entry: Any) -> bool:
    if not isinstance(entry, dict) or not is_number(entry.get("weight")) or not 0 < entry["weight"] < float("inf"):
        return False
    if ("synth" in entry) == isinstance(entry.get("path"), str) or entry.get("synth", "mix") not in KINDS:
        return False
    longest, dirt = entry.get("longest", 1), entry.get("dirt", 1.0)
    well = type(longest) is int and longest > 0 and is_number(dirt) and 0 <= dirt <= 1
    return well and entry.get("language", "english") in LANGUAGES and entry.get("split", "all") in SPLITS


def is_validation(entry: Any) -> bool:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or entry.get("protocol") not in PROTOCOLS:
        return False
    limit = entry.get("limit")
    return isinstance(entry.get("name", ""), str) and (limit is None or (type(limit) is int and limit > 0))
