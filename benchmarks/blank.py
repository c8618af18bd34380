"""Counts what is read in 300 pictures without text: textures, crops of photographs, line drawings, 100 of each.

    python benchmarks/blank.py FOLDER [FOLDER ...] [--model english] [--pages] [--each 100] [--seed 0] [--keep DIR]

FOLDERs hold pictures without letters, for instance those of scikit-image (its folder skimage/data) and the wallpapers
of Debian packages. Files whose names mention text or a logo are left out. Training uses none of these. Prints how many
of each kind give any text, and how many a text with confidence 0.1 or more. --keep writes the pictures. With --pages
they have the size of a page and are read as pages.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr import Reader
from bitocr.errors import BitocrError, UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.data.synth.chance import between, happens, pick, whole

Rng = np.random.Generator
Gray = NDArray[np.uint8]
EACH = 100
SURE = 0.1
SUFFIXES = (".png", ".jpg", ".jpeg")
WRITTEN = ("text", "page", "logo", "preview", "no_time", "clock", "MATE", "Traditional")


def size(rng: Rng, is_page: bool) -> tuple[int, int]:
    """The height and width of a picture of a line or page."""
    if is_page:
        return whole(rng, 400, 900), whole(rng, 400, 900)
    height = whole(rng, 14, 70)
    return height, max(12, round(height * np.exp(between(rng, -0.3, 2.4))))


def waves(rng: Rng, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Wood, cloth, corrugated iron: a wave, bent by another wave."""
    angle, period = between(rng, 0, np.pi), between(rng, 3, 40)
    along = columns * np.cos(angle) + rows * np.sin(angle)
    bent = along + between(rng, 0, 8) * np.sin((rows - columns) / between(rng, 15, 60))
    return np.sin(2 * np.pi * bent / period)


def tiles(rng: Rng, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bricks: joints of shifted rows."""
    high, wide = between(rng, 8, 30), between(rng, 16, 70)
    row = np.floor(rows / high)
    is_joint = (rows % high < 1.5) | ((columns + row % 2 * wide / 2) % wide < 1.5)
    return np.where(is_joint, 1.0, np.sin(row * 12.9 + np.floor(columns / wide) * 78.2) * 0.3)


def paper(rng: Rng, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Noise at three scales."""
    plane = np.zeros(rows.shape)
    for scale in (1, 4, 16):
        small = rng.normal(0, 1, (rows.shape[0] // scale + 2, rows.shape[1] // scale + 2)).astype(np.float32)
        plane += cv2.resize(small, rows.shape[::-1], interpolation=cv2.INTER_CUBIC) * between(rng, 0, 1)
    return plane


def slope(rng: Rng, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    return between(rng, -1, 1) * rows / rows.max() + between(rng, -1, 1) * columns / columns.max()


def halftone(rng: Rng, rows: NDArray[np.float64], columns: NDArray[np.float64]) -> NDArray[np.float64]:
    period = between(rng, 3, 9)
    return np.cos(2 * np.pi * rows / period) * np.cos(2 * np.pi * columns / period)


def texture(rng: Rng, is_page: bool) -> Gray:
    rows, columns = np.mgrid[: (shape := size(rng, is_page))[0], : shape[1]].astype(np.float64)
    plane = pick(rng, (waves, tiles, paper, paper, slope, halftone))(rng, rows, columns)
    picture = between(rng, 0, 255) + plane * between(rng, 0, 70) + rng.normal(0, between(rng, 0, 10), shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def drawing(rng: Rng, is_page: bool) -> Gray:
    """A part of a drawing many times as large: polygons, arcs, curves and hatching."""
    height, width = size(rng, is_page)
    high, wide = (1000, 1000) if is_page else (400, 900)
    canvas = np.full((high, wide), pick(rng, (255, 255, whole(rng, 180, 255), 0)), np.uint8)
    tone, thick = 255 - int(canvas[0, 0]) // 2 * 2, whole(rng, 1, 4)
    for _ in range(whole(rng, 3, 14)):
        points = rng.integers(-50, (wide + 50, high + 50), (whole(rng, 2, 6), 2)).astype(np.int32)
        kind = rng.random()
        if kind < 0.5:
            cv2.polylines(canvas, [points], happens(rng, 0.5), tone, thick, cv2.LINE_AA)
        elif kind < 0.75:
            axes = whole(rng, 40, 300), whole(rng, 40, 300)
            cv2.ellipse(canvas, points[0].tolist(), axes, whole(rng, 0, 180), 0, whole(rng, 60, 360), tone, thick)
        else:
            for step in range(0, 200, whole(rng, 6, 20)):
                cv2.line(canvas, (points[0] + (step, 0)).tolist(), (points[1] + (step, 0)).tolist(), tone, 1)
    top, left = whole(rng, 0, high - height), whole(rng, 0, max(0, wide - width))
    return canvas[top : top + height, left : left + width]


def find_photographs(folders: list[Path]) -> list[Path]:
    """The pictures in the folders and below. Raises UsageError if there are none."""
    found = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in SUFFIXES and path.is_file() and not any(word in path.name for word in WRITTEN)
    ]
    if not found:
        raise UsageError(f"{', '.join(map(str, folders))}: no pictures ({', '.join(SUFFIXES)})")
    return found


def photographs(paths: list[Path]) -> Callable[[Rng, bool], Gray]:
    """A function that crops the pictures, enlarged up to four times."""
    pictures = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    pictures = [each for each in pictures if each is not None and min(each.shape) >= 100]

    def crop(rng: Rng, is_page: bool) -> Gray:
        picture, (height, width) = pick(rng, pictures), size(rng, is_page)
        scale = min(between(rng, 1, 4), picture.shape[0] / height, picture.shape[1] / width)
        high, wide = int(height * scale), int(width * scale)
        top, left = (whole(rng, 0, all_ - part) for all_, part in zip(picture.shape, (high, wide), strict=True))
        part = picture[top : top + high, left : left + wide]
        return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

    return crop


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", default="english")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--each", type=int, default=EACH)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    reader, kept = Reader(arguments.model), 0
    read = reader.read if arguments.pages else reader.read_line
    kinds = {"textures": texture, "photographs": photographs(find_photographs(arguments.folders)), "drawings": drawing}
    print("| pictures | of | with text | with text of confidence 0.1 or more |\n|---|---|---|---|")
    for number, (name, draw) in enumerate(kinds.items()):
        rng = np.random.default_rng([arguments.seed, number])
        pictures = [draw(rng, arguments.pages) for _ in range(arguments.each)]
        lines = [read(each) for each in pictures]
        print(f"| {name} | {arguments.each} | {sum(bool(each.text) for each in lines)} | "
              f"{sum(bool(each.text) and each.confidence >= SURE for each in lines)} |", flush=True)  # fmt: skip
        for picture, line in zip(pictures, lines, strict=True):
            if line.text and arguments.keep:
                arguments.keep.mkdir(parents=True, exist_ok=True)
                target = arguments.keep / f"{name}-{kept:03d}.png"
                write_atomic(target, cv2.imencode(".png", picture)[1].tobytes())
                print(f"{target}: {line.text!r} ({line.confidence:.2f})", file=sys.stderr)
                kept += 1


if __name__ == "__main__":
    try:
        main()
    except BitocrError as error:
        sys.exit(f"blank: {error}")
