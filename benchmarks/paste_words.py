"""Pastes real words into held-back photographs, often with a symbol beside them, to choose thresholds and weights by.

    python benchmarks/paste_words.py LABELS.tsv OUT [--count N] [--seed S]
    bitocr eval --pages OUT/pages.json

LABELS.tsv lists crops of words that training has not seen. Each is put on a plate of its edge's colour, 16 to 200
pixels high and slightly turned; two in five have a symbol to the left or right.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.io.labels import read_labels
from bitocr.lab.data.pages.grounds import HELD_BACK, photo_paths
from bitocr.lab.data.pages.pens import logarithmic
from bitocr.lab.data.pages.symbols import symbol

Rng = np.random.Generator
Colours = NDArray[np.float32]
SIZES = ((1000, 750), (720, 960))
TRIES = 12
"""How often a word is placed anew before it is left out."""


def plate_of(rng: Rng, crop: Colours) -> tuple[Colours, int, int]:
    """The crop on a plate, and the crop's place in it."""
    height = len(crop)
    edge = np.concatenate([crop[0], crop[-1], crop[:, 0], crop[:, -1]])
    ground = np.median(edge, 0)
    away = np.abs(crop - ground).sum(2)
    ink = crop[away >= np.quantile(away, 0.9)].mean(0)
    pad = int(height * rng.uniform(0.1, 0.5))
    plate = cv2.copyMakeBorder(crop, pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    mask = symbol(rng, height * rng.uniform(0.7, 1.3)) if rng.random() < 0.4 else None
    if mask is None:
        return np.asarray(plate, np.float32), pad, pad
    gap = int(height * rng.uniform(0, 0.6))
    side = np.empty((len(plate), mask.shape[1] + 2 * gap, 3), np.float32)
    side[:] = ground
    top = max(0, (len(side) - len(mask)) // 2)
    cover = mask[: len(side) - top, :, None] / np.float32(255)
    part = side[top : top + len(cover), gap : gap + mask.shape[1]]
    part += cover * (ink - part)
    if rng.random() < 0.5:
        return np.concatenate([plate, side], 1), pad, pad
    return np.concatenate([side, plate], 1), pad + side.shape[1], pad


def background(rng: Rng, width: int, height: int) -> Colours:
    paths = photo_paths()[::HELD_BACK]
    image = None
    while image is None:
        image = cv2.imread(paths[rng.integers(len(paths))])
    scale = 1.01 * max(width / image.shape[1], height / len(image))
    image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    y, x = rng.integers(len(image) - height + 1), rng.integers(image.shape[1] - width + 1)
    return image[y : y + height, x : x + width].astype(np.float32)


def placed(rng: Rng, page: Colours, used: NDArray[np.bool_], crop: Colours) -> list[list[float]] | None:
    """Puts a word into the page. Returns its quad, or None if it does not fit."""
    plate, left, top = plate_of(rng, crop)
    height, width = plate.shape[:2]
    angle = np.deg2rad(rng.normal(0, 5))
    c, s = np.cos(angle), np.sin(angle)
    wide, high = int(abs(width * c) + abs(height * s)) + 2, int(abs(width * s) + abs(height * c)) + 2
    if wide >= page.shape[1] or high >= len(page):
        return None
    x, y = rng.integers(page.shape[1] - wide), rng.integers(len(page) - high)
    if used[y : y + high, x : x + wide].any():
        return None
    used[y : y + high, x : x + wide] = True
    turn = np.array([[c, -s], [s, c]])
    shift = np.array([x + wide / 2, y + high / 2]) - turn @ [width / 2, height / 2]
    matrix = np.column_stack([turn, shift])
    size = page.shape[1], len(page)
    cover = cv2.warpAffine(np.ones((height, width, 1), np.float32), matrix, size)[..., None]
    page += cover * (cv2.warpAffine(plate, matrix, size, borderMode=cv2.BORDER_REPLICATE) - page)
    right, bottom = left + crop.shape[1], top + len(crop)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) @ turn.T + shift
    return [[round(float(v), 1) for v in corner] for corner in corners]


def scaled(rng: Rng, crop: Colours) -> Colours:
    scale = min(3.0, logarithmic(rng, 16, 200) / len(crop))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, None, fx=scale, fy=scale, interpolation=how), np.float32)


def page_of(rng: Rng, words: list[tuple[Path, str]]) -> tuple[Colours, list[dict[str, Any]]]:
    width, height = SIZES[int(rng.random() < 0.4)]
    page, used, items = background(rng, width, height), np.zeros((height, width), bool), []
    for _ in range(rng.integers(2, 8)):
        for _ in range(TRIES):
            path, text = words[rng.integers(len(words))]
            quad = placed(rng, page, used, scaled(rng, cv2.imread(str(path)).astype(np.float32)))
            if quad:
                items.append({"text": text, "quad": quad})
                break
    page += rng.normal(0, rng.uniform(0, 5), page.shape).astype(np.float32)
    return page, items


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    (arguments.out / "pages").mkdir(parents=True, exist_ok=True)
    rng, words, pages = np.random.default_rng(arguments.seed), list(read_labels(arguments.labels)), []
    for number in range(arguments.count):
        page, items = page_of(rng, words)
        name = f"pages/{number:04}.jpg"
        pixels = np.clip(page, 0, 255).astype(np.uint8)
        cv2.imwrite(str(arguments.out / name), pixels, [cv2.IMWRITE_JPEG_QUALITY, 85])
        pages.append({"image": name, "width": page.shape[1], "height": len(page), "items": items})
    (arguments.out / "pages.json").write_text(json.dumps(pages), "utf-8")


if __name__ == "__main__":
    main()
