"""The README's picture: images drawn at random from a label file, each with what the shipped model reads.

    python benchmarks/picture.py LABELS.tsv OUT.png [--seed 0] [--model english]

Nothing is picked: another seed shows others. Readings that differ from the label (letters and digits, case ignored) are
red.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.errors import BitocrError
from bitocr.labels import read_labels
from bitocr.metrics import normalise_scene

COLUMNS, ROWS = 6, 4
CELL_WIDTH, CELL_HEIGHT, MARGIN, TEXT_SIZE = 176, 96, 10, 18
FONT = Path(__file__).parents[1] / "src/bitocr/lab/data/synth/fallback/Cabin-Regular.otf"


def draw_cell(canvas: Image.Image, corner: tuple[int, int], path: Path, text: str, is_right: bool) -> None:
    """An image scaled into the upper part of a cell, its reading centred below."""
    left, top = corner
    image = Image.open(path).convert("RGB")
    room = (CELL_WIDTH - 2 * MARGIN, CELL_HEIGHT - 2 * MARGIN - TEXT_SIZE)
    scale = min(room[0] / image.width, room[1] / image.height)
    image = image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
    )
    canvas.paste(image, (left + (CELL_WIDTH - image.width) // 2, top + MARGIN + (room[1] - image.height) // 2))
    font = ImageFont.truetype(str(FONT), TEXT_SIZE)
    place = (left + CELL_WIDTH // 2, top + CELL_HEIGHT - MARGIN // 2)
    ImageDraw.Draw(canvas).text(place, text, fill="#1a1a1a" if is_right else "#c02020", font=font, anchor="mb")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="english")
    arguments = parser.parse_args()
    labelled = random.Random(arguments.seed).sample(read_labels(arguments.labels), COLUMNS * ROWS)
    lines = Reader(arguments.model).read_lines(path for path, _ in labelled)
    canvas = Image.new("RGB", (COLUMNS * CELL_WIDTH, ROWS * CELL_HEIGHT), "white")
    for index, ((path, truth), line) in enumerate(zip(labelled, lines, strict=True)):
        corner = (index % COLUMNS * CELL_WIDTH, index // COLUMNS * CELL_HEIGHT)
        draw_cell(canvas, corner, path, line.text, normalise_scene(line.text) == normalise_scene(truth))
    temporary = arguments.out.with_suffix(".part.png")
    canvas.save(temporary, optimize=True)
    os.replace(temporary, arguments.out)


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"picture: {error}")
