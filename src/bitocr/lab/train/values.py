"""The values of a recipe: each is of its default's kind and within its limits, or the recipe is refused in one line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.io.files import read_text
from bitocr.lab.nn.binary import STAGES

MANY = 10**12

#: The least and the greatest value of every number, by its key; whole numbers are those whose default is one.
LIMITS: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31),
    "minutes": (0, MANY),
    "validate_every": (1, MANY),
    "checkpoint_every": (1, MANY),
    "columns": (1, 10**8),
    "reuse": (1, MANY),
    "capacity": (1, MANY),
    "jitter": (0, 2),
    "workers": (0, 1024),
    "images": (1, MANY),
    "lr": (0, 100),
    "lr_rest": (0, 100),
    "weight_decay": (0, 100),
    "warmup": (0, 0.99),
    "ctc": (0, MANY),
    "distinct": (0, 65536),
    "logits": (0, MANY),
    "fsp": (0, MANY),
    "attention": (0, MANY),
    "features": (0, MANY),
    "temperature": (0.01, 1000),
    "blank_weight": (0, 1),
}
CHOICES: dict[str, tuple[str | None, ...]] = {"schedule": ("cosine", "linear"), "stage": (None, *STAGES)}


class Loader(yaml.SafeLoader):
    """YAML in which 1e-3 is a number, as in Python and in YAML 1.2; PyYAML alone reads a text."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def parse_yaml(text: str, name: str) -> Any:
    """The value that `text` is in YAML. Raises UsageError, which calls the text by `name`."""
    try:
        return yaml.load(text, Loader)  # a safe loader, see above
    except RecursionError:
        raise UsageError(f"{name}: not valid YAML: nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:  # ValueError: the 31st of February
        raise UsageError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from None


def read_mapping(path: str | Path, what: str) -> dict[str, Any]:
    """The mapping in a YAML file. Raises UsageError."""
    loaded = parse_yaml(read_text(path), str(path))
    if not isinstance(loaded, dict):
        raise UsageError(f"{path}: {what} is a mapping of keys to values")
    return loaded


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_keys(path: str | Path, given: dict[str, Any], known: dict[str, Any], what: str) -> None:
    """Raises UsageError where a key is none of those `known`."""
    unknown = sorted(str(key) for key in set(given) - set(known))
    if unknown:
        raise UsageError(f"{path}: unknown {what} key {unknown[0]!r}; a {what} has {', '.join(known)}")


def check_values(where: str, values: dict[str, Any], defaults: dict[str, Any]) -> dict[str, Any]:
    """The values, each made what its default is: a whole number, a number, a text, a text or nothing.

    Lists and mappings are left as they are. `where` begins the message: a file and the path to these keys.

    Raises:
        UsageError: a value of another kind, or beyond its `LIMITS`, or none of its `CHOICES`.
    """
    return {key: check_value(where, key, value, defaults[key]) for key, value in values.items()}


def check_value(where: str, key: str, value: Any, default: Any) -> Any:
    if isinstance(default, (dict, list)):
        return value
    if key in CHOICES:
        if value not in CHOICES[key]:
            raise UsageError(f"{where}{key} is one of {', '.join(filter(None, CHOICES[key]))}, not {value!r}")
        return value
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise UsageError(f"{where}{key} is true or false, not {value!r}")
        return value
    if is_number(default):
        return check_number(where, key, value, type(default))
    if value is None and default is None:
        return None
    if not isinstance(value, str) and not is_number(value):
        raise UsageError(f"{where}{key} is a text, not {value!r}")
    return str(value)


def check_number(where: str, key: str, value: Any, kind: type[int] | type[float]) -> float:
    least, most = LIMITS[key]
    # The comparison is false for NaN.
    if not is_number(value) or not least <= value <= most or (kind is int and value != int(value)):
        what = "a whole number" if kind is int else "a number"
        raise UsageError(f"{where}{key} is {what} from {least:g} to {most:g}, not {value!r}")
    return kind(value)
