"""Helpers for tests of batches: folders of small pictures, and the output of a batch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bitocr.batch.formats import FORMATS


def pictures(folder: Path, count: int, start: int = 0) -> Path:
    """A folder of noisy gray pictures, 0000.png and so on."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(start, start + count):
        noise = np.random.default_rng(number).integers(0, 256, (32, 64), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{number:04}.png")
    return folder


def parts(out: Path) -> list[Path]:
    return sorted(out.glob("part-*"))


def rows(out: Path) -> list[dict[str, Any]]:
    """All rows in the order of the files."""
    decoded = [FORMATS[path.name.partition(".")[2]].decode(path.read_bytes()) for path in parts(out)]
    return [row for shard in decoded for row in shard]


def errors(out: Path) -> dict[str, str]:
    """The messages in errors.jsonl, by the file names of the inputs."""
    lines = map(json.loads, (out / "errors.jsonl").read_text().splitlines())
    return {line["source"].rpartition("/")[2]: line["error"] for line in lines}


def names(out: Path) -> list[str]:
    """The file names of the inputs of rows."""
    return [row["source"].rpartition("/")[2] for row in rows(out)]


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in parts(out)}


def hidden(out: Path) -> list[Path]:
    """The files that a killed run left behind."""
    return list(out.rglob(".*"))
