"""Reads YAML as version 1.2 defines it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.io.files import read_text


class Loader(yaml.SafeLoader):
    """YAML in which 1e-3 is a number, as in Python and YAML 1.2. PyYAML alone reads a text."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def parse_yaml(text: str, name: str) -> Any:
    """The value of a YAML text. Raises UsageError, which calls the text `name`."""
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
