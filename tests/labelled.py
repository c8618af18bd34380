"""Labelled pictures for tests that train on a user's pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw


def write_pictures(folder: Path, texts: Sequence[str]) -> Path:
    """Makes a folder with a picture of each text and a labels.tsv."""
    folder.mkdir()
    for index, text in enumerate(texts):
        image = Image.new("L", (12 * len(text) + 16, 24), 255)
        ImageDraw.Draw(image).text((8, 6), text, fill=0)
        image.save(folder / f"{index}.png")
    rows = [f"{index}.png\t{text}\n" for index, text in enumerate(texts)]
    (folder / "labels.tsv").write_text("".join(rows), encoding="utf-8")
    return folder
