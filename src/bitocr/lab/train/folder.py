"""The output folder of a job. The same call resumes the job where it stopped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.io.files import read_text, write_atomic

NOTE = "settings.json"


def begun_with(out: Path) -> Any:
    """The settings of an earlier run in this folder; None if they cannot be read."""
    try:
        return json.loads(read_text(out / NOTE))
    except ValueError:
        return None


def begin(out: Path, settings: dict[str, Any]) -> None:
    """Makes the folder, or resumes in it. Raises UsageError if the earlier run had other settings."""
    note = out / NOTE
    if note.exists():
        if begun_with(out) != settings:
            raise UsageError(f"{out} was begun with other settings ({note}): repeat those, or choose another folder")
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {out}: {error.strerror}") from None
    write_atomic(note, (json.dumps(settings, ensure_ascii=False) + "\n").encode())
