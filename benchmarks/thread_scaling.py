"""Measures how many times as many images per second read_lines reads from files with two threads as with one.

    python benchmarks/thread_scaling.py DIR [--images N] [--rounds R]

DIR is a test set as for `make bench-peers`. In each round the same images are read by one process with one thread, by
two such processes at once, and by one process with two threads. Prints the medians of the rounds' ratios to the first.
Two processes share nothing, so they show the most that the machine can give.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bitocr.io.labels import read_labels

# Reads the paths of each line of standard input and answers with a line when it is done.
WORKER = """
import json, sys
from bitocr import Reader
reader = Reader(threads=int(sys.argv[1]))
for line in sys.stdin:
    print(len(reader.read_lines(json.loads(line))), flush=True)
"""


class Worker:
    """A process that reads images with a given number of threads."""

    def __init__(self, python: str, threads: int) -> None:
        command = [python, "-c", WORKER, str(threads)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def start(self, request: str) -> None:
        """Starts reading the paths of a request."""
        assert self._process.stdin
        print(request, file=self._process.stdin, flush=True)

    def wait(self) -> None:
        """Waits until the request is done."""
        assert self._process.stdout
        if not self._process.stdout.readline():
            raise SystemExit("a process failed")


def images_a_second(workers: Sequence[Worker], paths: Sequence[str]) -> float:
    """The images per second of workers that each read all images at the same time."""
    request, start = json.dumps(paths), time.perf_counter()
    for worker in workers:
        worker.start(request)
    for worker in workers:
        worker.wait()
    return len(workers) * len(paths) / (time.perf_counter() - start)


def main() -> None:
    """Reads the arguments, runs, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--python", default=sys.executable, help="the interpreter of another version's environment")
    options = parser.parse_args()
    paths = [str(path) for path, _ in read_labels(options.dir / "labels.tsv")][: options.images]
    one, other, both = (Worker(options.python, threads) for threads in (1, 1, 2))
    ways = {"1 thread": [one], "2 processes of 1 thread": [one, other], "2 threads": [both]}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds + 1):  # the first warms up
        for name, workers in ways.items():
            rates[name].append(images_a_second(workers, paths))
    for name, found in rates.items():
        ratio = median(rate / base for rate, base in zip(found[1:], rates["1 thread"][1:], strict=True))
        print(f"{name:25}{median(found[1:]):7.0f} images/s   ratio {ratio:.2f}")


if __name__ == "__main__":
    sys.exit(main())
