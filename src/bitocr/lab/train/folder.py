"""The folder of a work that the same call goes on with where it was stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io.files import read_text, write_atomic


def begin(out: Path, settings: dict[str, Any], name: str = "settings.json") -> None:
    """Makes the folder, or finds it as an earlier run left it. Raises UsageError where that had other settings.

    `name` is of the file that the settings are kept in.
    """
    note = out / name
    if note.exists():
        try:
            earlier = json.loads(read_text(note))
        except ValueError:
            earlier = None
        if earlier != settings:
            raise UsageError(f"{out} was begun with other settings ({note}): repeat those, or choose another folder")
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {out}: {error.strerror}") from None
    write_atomic(note, (json.dumps(settings, ensure_ascii=False) + "\n").encode())
