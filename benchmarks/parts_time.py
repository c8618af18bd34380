"""Times the parts of reading a set, from file to text, on one thread.

    python benchmarks/parts_time.py DIR [--images N] [--rounds R]

DIR is a test set as for `make bench-peers`. Prints processor milliseconds per image, the least over the rounds: the
file (from path to pixels), preparation and network of the first view, the search with n-grams and words (beyond greedy
decoding), rereading of unsure images, and the rest: results, batches and the like.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from bitocr import Reader
from bitocr.io.images import load
from bitocr.io.labels import read_labels
from bitocr.native.image import natural_width, prepare

PART_IMAGES = 100  # measured at a time, so that all parts run under the same conditions


def calls(paths: list[str]) -> dict[str, Callable[[], object]]:
    """The calls to time, by name. Each does its part for all images."""
    reader, once, greedy = Reader(), Reader(reread=0), Reader(reread=0, beam=0, language_model=None)
    engine = reader._engines[0]
    images = [load(path) for path in paths]
    widths = [
        natural_width(image.shape[1], image.shape[0]) // -engine.width_unit * -engine.width_unit for image in images
    ]
    inputs = [prepare(image, width) for image, width in zip(images, widths, strict=True)]
    return {
        "whole": lambda: reader.read_lines(paths),
        "file": lambda: [load(path) for path in paths],
        "preparation": lambda: [prepare(image, width) for image, width in zip(images, widths, strict=True)],
        "network": lambda: [engine.logprobs(line) for line in inputs],
        "pixels to text": lambda: reader.read_lines(images),
        "once": lambda: once.read_lines(images),
        "greedily": lambda: greedy.read_lines(images),
    }


def measure(call: Callable[[], object]) -> float:
    """The processor's seconds."""
    start = time.process_time()
    call()
    return time.process_time() - start


def parts(seconds: dict[str, float]) -> dict[str, float]:
    """The rows of the table, from the measured times."""
    rows = {name: seconds[name] for name in ("file", "preparation", "network")}
    rows["search"] = seconds["once"] - seconds["greedily"]
    rows["reading again"] = seconds["pixels to text"] - seconds["once"]
    rows["the rest"] = seconds["whole"] - sum(rows.values())
    return {**rows, "whole": seconds["whole"]}


def main() -> None:
    """Reads the arguments, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    paths = [str(path) for path, _ in read_labels(options.dir / "labels.tsv")][: options.images]
    seconds: defaultdict[str, float] = defaultdict(float)
    for at in range(0, len(paths), PART_IMAGES):
        timed = calls(paths[at : at + PART_IMAGES])
        for name, call in timed.items():
            seconds[name] += min(measure(call) for _ in range(options.rounds))
    for name, part in parts(seconds).items():
        print(f"{name:15}{part / len(paths) * 1e3:7.3f} ms")


if __name__ == "__main__":
    main()
