"""Makes a picture for the docs: random images from a label file, each with the reading of a shipped model.

    python benchmarks/picture.py LABELS.tsv OUT.png [--seed 0] [--model english] [--protocol scene] [--columns 6]

Nothing is picked by hand: another seed shows other images. Readings that differ from the label under the protocol are
red. Use fewer columns for long lines. Hanzi are drawn in a Chinese face that fontconfig finds.
"""

from __future__ import annotations

import argparse
import io
import random
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.errors import BitocrError, UsageError
from bitocr.inspect.metrics import PROTOCOLS
from bitocr.io.files import write_atomic
from bitocr.io.images import load
from bitocr.io.labels import read_labels

WIDTH, ROWS = 1056, 4
CELL_HEIGHT, MARGIN, TEXT_SIZE = 96, 10, 18
LATIN = Path(__file__).parents[1] / "src/bitocr/lab/data/synth/fallback/Cabin-Regular.otf"
CHINESE = "Noto Sans CJK SC"


def draw_cell(canvas: Image.Image, corner: tuple[int, int], width: int, path: Path, text: str, is_right: bool) -> None:
    """Draws an image into the upper part of a cell, with its reading centred below."""
    left, top = corner
    image = Image.fromarray(load(path)).convert("RGB")
    room = (width - 2 * MARGIN, CELL_HEIGHT - 2 * MARGIN - TEXT_SIZE)
    scale = min(room[0] / image.width, room[1] / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    image = image.resize(size, Image.Resampling.LANCZOS)
    canvas.paste(image, (left + (width - image.width) // 2, top + MARGIN + (room[1] - image.height) // 2))
    place = (left + width // 2, top + CELL_HEIGHT - MARGIN // 2)
    color = "#1a1a1a" if is_right else "#c02020"
    ImageDraw.Draw(canvas).text(place, text, fill=color, font=face_for(text, room[0]), anchor="mb")


def face_for(text: str, room: int) -> ImageFont.FreeTypeFont:
    """A face that has the text's characters, at TEXT_SIZE or smaller if the room is too narrow."""
    path, index = (str(LATIN), 0) if text.isascii() else chinese_face()
    font = ImageFont.truetype(path, TEXT_SIZE, index)
    return font.font_variant(size=max(8, int(TEXT_SIZE * min(1.0, room / max(1.0, font.getlength(text))))))


@lru_cache(maxsize=1)
def chinese_face() -> tuple[str, int]:
    """The file of a Chinese face and its index there. Raises UsageError if fontconfig knows none."""
    command = ["fc-match", f"{CHINESE}:style=Regular", "--format=%{file}\t%{index}\t%{family}"]
    try:
        path, index, family = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\t")
    except (OSError, subprocess.CalledProcessError, ValueError):
        family = ""
    if CHINESE not in family:  # if the face is missing, fontconfig returns another one
        raise UsageError(f"the face {CHINESE} is missing: install the packages fontconfig and fonts-noto-cjk")
    return path, int(index)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--model", default="english")
    parser.add_argument("--protocol", choices=tuple(PROTOCOLS), default="scene")
    parser.add_argument("--columns", type=int, default=6)
    arguments = parser.parse_args()
    columns, normalise = arguments.columns, PROTOCOLS[arguments.protocol]
    labelled = random.Random(arguments.seed).sample(read_labels(arguments.labels), columns * ROWS)
    lines = Reader(arguments.model).read_lines(path for path, _ in labelled)
    canvas, width = Image.new("RGB", (WIDTH, ROWS * CELL_HEIGHT), "white"), WIDTH // columns
    for index, ((path, truth), line) in enumerate(zip(labelled, lines, strict=True)):
        corner = (index % columns * width, index // columns * CELL_HEIGHT)
        draw_cell(canvas, corner, width, path, line.text, normalise(line.text) == normalise(truth))
    picture = io.BytesIO()
    canvas.save(picture, "PNG", optimize=True)
    write_atomic(arguments.out, picture.getvalue())


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"picture: {error}")
