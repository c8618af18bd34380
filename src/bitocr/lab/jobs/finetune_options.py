"""The keys of `bitocr train finetune` that are its own, read from key=value assignments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.inspect.metrics import PROTOCOLS
from bitocr.lab.data.charset import open_charset
from bitocr.lab.train.values import check_number, is_number, parse_yaml


@dataclass(frozen=True)
class Options:
    """The keys of finetune itself; any other is one of the recipe's."""

    data: str
    name: str  # the folder's
    out: str  # runs/NAME
    start: str = "english"
    images: int | None = None  # as the recipe says
    share: float = 0.5  # of the own images among all; the rest is rendered text
    validation: str | None = None  # other images to measure on; None holds some of the own back
    protocol: str = "line"
    add: str | None = None  # charset.add: characters to add; with it, labels with others are left out


KEYS = tuple(key for key in Options.__dataclass_fields__ if key != "add")


def read_options(overrides: Sequence[str]) -> tuple[Options, list[str]]:
    """The options among key=value assignments, and the assignments to the recipe's own keys. Raises UsageError."""
    given: dict[str, Any] = {}
    rest = []
    for assignment in overrides:
        key, _, text = assignment.partition("=")
        if key == "charset.add":
            given["add"] = added_characters(text)  # as it is: "#" would be a comment in YAML
        elif key in KEYS:
            given[key] = check_option(key, parse_yaml(text, key))
        elif key.partition(".")[0] in ("charset", "network", "out", "add"):
            raise UsageError(f"{key} cannot be set here: finetune keeps the model's network and charset (charset.add)")
        else:
            rest.append(assignment)
    if "data" not in given:
        raise UsageError("finetune needs data=FOLDER, a folder of images with a labels.tsv")
    folder = Path(given["data"]).resolve()
    name = given.setdefault("name", folder.name if folder.is_dir() else folder.stem)
    return Options(**{"out": f"runs/{name}", **given}), rest


def added_characters(text: str) -> str:
    """Of charset.add: characters, a .txt file of them, or none. Raises UsageError."""
    try:
        return open_charset(text).characters if text else ""
    except UsageError as error:
        raise UsageError(f"charset.add: {error}") from None


def check_option(key: str, value: Any) -> Any:
    """A text as a text, a number as it is. Raises UsageError."""
    if key == "images":
        return check_number("", key, value, int)
    if key == "share":
        if not is_number(value) or not 0 < value <= 1:
            raise UsageError(f"share is a number above 0, at most 1, not {value!r}")
        return value
    if not isinstance(value, str) and not is_number(value):
        raise UsageError(f"{key} is a text, not {value!r}")
    if key == "protocol" and value not in PROTOCOLS:
        raise UsageError(f"protocol is one of {', '.join(PROTOCOLS)}, not {value!r}")
    return str(value)
