"""Times the reading of a set, from file to text, beside another version of bitocr.

    python benchmarks/whole_time.py OLD_PYTHON NEW_PYTHON DIR [--images N] [--rounds R]

OLD_PYTHON and NEW_PYTHON are the interpreters of environments with the two versions; DIR is a test set as for `make
bench-peers`. Each version runs in its own process on one thread. They take turns, a small part of the set at a time, so
that both run under the same conditions. Times are medians over the rounds, of processor time and wall time; the ratio
is the median of the rounds' ratios. Fails if a text, confidence or position differs.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bitocr.io.labels import read_labels

ROUND_IMAGES = 100
# Reads the paths of a line of standard input, and answers with the times and what it read.
WORKER = """
import json, sys, time
from bitocr import Reader
reader = Reader()
for line in sys.stdin:
    paths = json.loads(line)
    clock, processor = time.perf_counter(), time.process_time()
    lines = reader.read_lines(paths)
    times = time.process_time() - processor, time.perf_counter() - clock
    read = [(line.text, line.confidence, [(c.char, c.score, c.x) for c in line.chars]) for line in lines]
    print(json.dumps((times, read)), flush=True)
"""


class Version:
    """A version of bitocr in its own process."""

    def __init__(self, python: str) -> None:
        command = [python, "-c", WORKER]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.times: list[tuple[float, float]] = []

    def read(self, paths: Sequence[str]) -> list[object]:
        """The readings. Adds the seconds per image, of the processor and of the clock, to `times`."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps(paths), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("one of the versions failed")
        (processor, clock), read = json.loads(answer)
        self.times.append((processor / len(paths), clock / len(paths)))
        return list(read)


def compare(old: Version, new: Version, paths: Sequence[str], rounds: int) -> None:
    """Reads with both in turns, the one first and then the other."""
    parts = [paths[i : i + ROUND_IMAGES] for i in range(0, len(paths), ROUND_IMAGES)]
    for version in (old, new):
        version.read(parts[0])  # warms it up
        version.times.clear()
    for number in range(rounds * len(parts)):
        part = parts[number % len(parts)]
        order = (old, new) if number % 2 else (new, old)
        first, second = (version.read(part) for version in order)
        if first != second:
            raise SystemExit("the versions read differently")


def report(old: Version, new: Version) -> None:
    """Prints a line for the processor's time and one for the clock's."""
    for column, name in enumerate(("processor", "clock")):
        before, after = ([times[column] for times in version.times] for version in (old, new))
        ratio = median(b / a for a, b in zip(before, after, strict=True))
        print(f"{name:10}{median(before) * 1e3:7.3f} ms{median(after) * 1e3:7.3f} ms   ratio {ratio:.3f}")


def main() -> None:
    """Reads the arguments, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old_python")
    parser.add_argument("new_python")
    parser.add_argument("dir", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    paths = [str(path) for path, _ in read_labels(options.dir / "labels.tsv")][: options.images]
    old, new = Version(options.old_python), Version(options.new_python)
    compare(old, new, paths, options.rounds)
    print(f"{len(paths)} images, {options.rounds} rounds, the same texts, confidences and positions; time per image")
    report(old, new)


if __name__ == "__main__":
    sys.exit(main())
