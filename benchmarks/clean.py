"""Measures each cleaning step on each kind of page: the words read right, with and without the step.

    python benchmarks/clean.py [--pages 3] [--seed 0] [--keep DIR]

Renders pages of text in held-back faces, adds the effects of scanners and cameras, and reads each page after each step.
Prints the F1, in %, of runs of letters and digits over all pages of a kind, in bold if it is more than half a point
better than without cleaning. --keep writes the pages. Needs bitocr[lab] and fonts (`make fonts`).
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr import Reader
from bitocr.inspect.pages.texts import tokens
from bitocr.lab.data.pages import camera
from bitocr.lab.data.pages.pens import Pens
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.pages.writing import write
from bitocr.lab.data.synth.chance import between, whole

Rng = np.random.Generator
Plane = NDArray[np.float32]
SIZE = 800
STEPS = (
    "none",
    "auto",
    "normalize",
    "denoise",
    "deskew",
    "remove-rules",
    "otsu",
    "sauvola",
    "normalize,denoise,deskew",
)
BETTER = 0.5


@dataclass(frozen=True)
class Written:
    """A gray page and the texts of its lines."""

    pixels: Plane
    texts: list[str]


def prose(rng: Rng, pens: Pens) -> Written:
    sheet, texts = Sheet(np.full((SIZE, SIZE), 245, np.float32)), []
    em = whole(rng, 12, 26)
    pen, y = pens.pen(rng, "book", em), between(rng, 30, 80)
    while y < SIZE - 60:
        y = _line(sheet, texts, pens.prose(rng, "book", pen, int((SIZE - 160) / em * 1.7)), 70, y, pen) + 0.6 * em
        y += em if rng.random() < 0.15 else 0
    return Written(sheet.pixels, texts)


def form(rng: Rng, pens: Pens) -> Written:
    """Fields in a grid of rules."""
    sheet, texts = Sheet(np.full((SIZE, SIZE), 245, np.float32)), []
    em, high, wide = whole(rng, 11, 18), whole(rng, 44, 60), (SIZE - 80) // 3
    pen = pens.pen(rng, "form", em)
    for y in range(40, SIZE - 80, high):
        sheet.stroke((40, y), (40 + 3 * wide, y), 40, whole(rng, 1, 3))
        for column in range(3):
            _line(sheet, texts, pens.text(rng, "form", pen)[:26], 48 + column * wide, y + 10, pen)
    for column in range(4):
        sheet.stroke((40 + column * wide, 40), (40 + column * wide, SIZE - 80), 40, 2)
    return Written(sheet.pixels, texts)


def _line(sheet: Sheet, texts: list[str], text: str, x: float, y: float, pen: object) -> float:
    """Writes a line, and returns the place of the next."""
    writing = write(pen, text)  # type: ignore[arg-type]
    if writing is None or x + writing.width > SIZE - 4:
        return y + 10
    texts.append(text)
    return sheet.write(writing, x, y, 30)[3]


def uneven(rng: Rng, pixels: Plane) -> Plane:
    across, down = np.meshgrid(np.linspace(0, 1, SIZE), np.linspace(0, 1, SIZE))
    bright = 1 - between(rng, 0.5, 0.75) * (across if rng.random() < 0.5 else 1 - across) * (0.5 + 0.5 * down)
    return np.asarray(pixels * bright, np.float32)


def noise(rng: Rng, pixels: Plane) -> Plane:
    return np.asarray(pixels + rng.normal(0, between(rng, 12, 30), pixels.shape), np.float32)


def specks(rng: Rng, pixels: Plane) -> Plane:
    out = np.where(rng.random(pixels.shape) < between(rng, 0.003, 0.02), np.float32(0), pixels)
    for _ in range(whole(rng, 200, 800)):
        y, x = rng.integers(0, SIZE - 4, 2)
        out[y : y + rng.integers(1, 4), x : x + rng.integers(1, 4)] = 20
    return out


def show_through(rng: Rng, pixels: Plane) -> Plane:
    back = cv2.GaussianBlur(np.roll(pixels[:, ::-1], whole(rng, -60, 60), 0), (0, 0), 1.2)
    return np.asarray(pixels - (245 - back) * np.float32(between(rng, 0.25, 0.4)), np.float32)


def tilted(least: float, most: float) -> Callable[[Rng, Plane], Plane]:
    def turn(rng: Rng, pixels: Plane) -> Plane:
        angle = between(rng, least, most) * (1 if rng.random() < 0.5 else -1)
        image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        return np.asarray(image.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=245), np.float32)

    return turn


KINDS: dict[str, Callable[[Rng, Plane], Plane]] = {
    "clean": lambda rng, pixels: pixels,
    "noise": noise,
    "specks": specks,
    "uneven light": uneven,
    "show-through": show_through,
    "black and white scan": lambda rng, pixels: camera.two_level(rng, noise(rng, pixels)),
    "tilted by 1 to 5 degrees": tilted(1, 5),
    "tilted by 8 to 15 degrees": tilted(8, 15),
}
LAYOUTS = {"prose": prose, "forms": form}


def picture(rng: Rng, kind: str, page: Written) -> NDArray[np.uint8]:
    return np.clip(KINDS[kind](rng, page.pixels), 0, 255).astype(np.uint8)


class Score:
    """F1 of tokens."""

    def __init__(self) -> None:
        self.right = self.true = self.found = 0

    def add(self, texts: list[str], found: str) -> None:
        true, read = Counter(tokens(" ".join(texts), True)), Counter(tokens(found, True))
        self.right += (true & read).total()
        self.true += true.total()
        self.found += read.total()

    @property
    def f1(self) -> float:
        return 200 * self.right / max(1, self.true + self.found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    reader, pens = Reader(), Pens("validation")
    print(f"| pages | {' | '.join(STEPS)} |\n|---|{'---|' * len(STEPS)}")
    for layout, make in LAYOUTS.items():
        for number, kind in enumerate(KINDS):
            scores = {steps: Score() for steps in STEPS}
            for index in range(arguments.pages):
                page = make(np.random.default_rng([arguments.seed, index]), pens)
                image = picture(np.random.default_rng([arguments.seed, index, number]), kind, page)
                if arguments.keep:
                    arguments.keep.mkdir(parents=True, exist_ok=True)
                    Image.fromarray(image).save(arguments.keep / f"{layout}-{number}-{index}.png")
                for steps in STEPS:
                    scores[steps].add(page.texts, reader.read(image, clean=steps).text)
            plain = scores["none"].f1
            cells = [f"**{s.f1:.1f}**" if s.f1 > plain + BETTER else f"{s.f1:.1f}" for s in scores.values()]
            print(f"| {layout}, {kind} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
