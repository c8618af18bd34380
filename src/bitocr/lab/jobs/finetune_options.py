"""The settings of `bitocr train finetune`, read from key=value assignments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.convert import convert
from bitocr.lab.config.finetune import Finetune
from bitocr.lab.config.yaml12 import parse_yaml
from bitocr.lab.data.charset import open_charset

ADD = "charset.add"
KEYS = tuple(key for key in Finetune.__struct_encode_fields__ if key != ADD)


def read_options(overrides: Sequence[str]) -> tuple[Finetune, list[str]]:
    """Splits key=value assignments into settings and assignments to keys of the recipe. Raises UsageError."""
    given: dict[str, Any] = {}
    rest = []
    for assignment in overrides:
        key, _, text = assignment.partition("=")
        if key == ADD:
            given[ADD] = added_characters(text)  # not as YAML, where "#" begins a comment
        elif key in KEYS:
            given[key] = parse_yaml(text, key)
        elif key.partition(".")[0] in ("charset", "network", "out", "add"):
            raise UsageError(f"{key} cannot be set here: finetune keeps the model's network and charset (charset.add)")
        else:
            rest.append(assignment)
    if "data" not in given:
        raise UsageError("finetune needs data=FOLDER, a folder of images with a labels.tsv")
    folder = Path(str(given["data"])).resolve()
    name = given.setdefault("name", folder.name if folder.is_dir() else folder.stem)
    return convert({"out": f"runs/{name}", **given}, Finetune), rest


def added_characters(text: str) -> str:
    """The characters of charset.add: the value itself, the contents of a .txt file, or none. Raises UsageError."""
    try:
        return open_charset(text).characters if text else ""
    except UsageError as error:
        raise UsageError(f"{ADD}: {error}") from None
