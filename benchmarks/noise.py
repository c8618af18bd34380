"""Checks that reading noise costs at most three times as much as a dense page of the same size.

    python benchmarks/noise.py [--model english]

Reads pictures of 1 Mpixel in turns, and compares the least processor time that each took.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

from bitocr import Reader

sys.path.insert(0, str(Path(__file__).parent))
from page_memory import page

SIDE = 1000
MOST = 3.0
DENSE = "a dense page"


def pictures() -> dict[str, Image.Image]:
    """The pictures by what they show."""
    rng = np.random.default_rng(0)
    shape = (SIDE, SIDE)
    specks = np.full(shape, 255, np.uint8)
    for y, x in rng.integers(0, SIDE - 3, (20_000, 2)):
        specks[y : y + 3, x : x + 3] = 0
    soft = rng.integers(0, 256, (SIDE // 8, SIDE // 8), np.uint8)
    dashes = np.where(rng.random((SIDE // 20, SIDE // 5)) < 0.4, 0, 255).astype(np.uint8)
    noise = {
        "every pixel at random": rng.integers(0, 256, shape, np.uint8),
        "faint noise on gray": np.clip(rng.normal(128, 12, shape), 0, 255).astype(np.uint8),
        "20,000 specks": specks,
        "blots of 8 pixels": np.asarray(Image.fromarray(soft).resize(shape, Image.Resampling.BICUBIC)),
        "rows of dashes": np.asarray(Image.fromarray(dashes).resize(shape, Image.Resampling.NEAREST)),
    }
    return {DENSE: page("L", SIDE, 1), **{name: Image.fromarray(each) for name, each in noise.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="english")
    parser.add_argument("--turns", type=int, default=5)
    arguments = parser.parse_args()
    reader, shown = Reader(arguments.model, threads=1), pictures()
    lines = dict.fromkeys(shown, 0)
    costs = dict.fromkeys(shown, math.inf)
    for _ in range(arguments.turns):
        for name, picture in shown.items():
            start = time.process_time()
            lines[name] = len(reader.read(picture).lines)
            costs[name] = min(costs[name], time.process_time() - start)
    print(f"| picture | lines read | cost, in dense pages (at most {MOST:.0f}) |\n|---|---|---|")
    for name, cost in costs.items():
        print(f"| {name} | {lines[name]} | {cost / costs[DENSE]:.2f} |")
    if max(costs.values()) > MOST * costs[DENSE]:
        sys.exit("noise: some noise costs more than that")


if __name__ == "__main__":
    main()
