"""Loads settings from a YAML file, with ``key=value`` overrides."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.convert import convert
from bitocr.lab.config.settings import AnySettings
from bitocr.lab.config.yaml12 import parse_yaml, read_mapping


def load(path: str | Path, kind: type[AnySettings], overrides: Sequence[str] = ()) -> AnySettings:
    """Reads a file, applies the overrides, and checks every key and value.

    Args:
        path: a YAML file.
        kind: the settings class.
        overrides: assignments such as a.b.0.c=value.

    Raises:
        UsageError: there is no such file, it is not YAML, a key is unknown, or a value is wrong.
    """
    given = kind.within_reach(read_mapping(path, kind.called))
    for assignment in overrides:
        override(given, assignment)
    return convert(given, kind, file=path)


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Puts `over` on top of `base`: merges mappings key by key, and replaces anything else."""
    merged = deepcopy(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def override(config: Any, assignment: str) -> None:
    """Applies ``a.b.0.c=value`` in place; the value is read as YAML.

    Raises:
        UsageError: there is no "=", the value is not YAML, or the recipe has no such path.
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
