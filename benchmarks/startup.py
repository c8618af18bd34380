"""Measures the cost of the command line: CPU time of `bitocr read` and of the same `Reader` call, in new processes.

    python benchmarks/startup.py [IMAGE] [--runs 15]

They take turns. Figures are medians of user plus system time; the difference is the median over all turns. Bytecode is
compiled first, as an installation does.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

IMAGE = Path(__file__).parents[1] / "tests" / "data" / "bank.png"
READER = "import sys; from bitocr import Reader; print(Reader().read_line(sys.argv[1]).text)"


def commands(image: Path) -> dict[str, list[str]]:
    """The commands to compare: the script `bitocr`, which users run, or else `python -m bitocr`."""
    script = Path(sys.executable).with_name("bitocr")
    bitocr = [str(script)] if script.exists() else [sys.executable, "-m", "bitocr"]
    return {
        "Reader": [sys.executable, "-c", READER, str(image)],
        "bitocr read": [*bitocr, "read", "--line", str(image)],
        "bitocr --version": [*bitocr, "--version"],
    }


def milliseconds(command: list[str], environment: dict[str, str]) -> float:
    """The user plus system time of a process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def measure(image: Path, runs: int) -> dict[str, list[float]]:
    """The milliseconds of `runs` processes of each command, after one warm-up."""
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        times: dict[str, list[float]] = {name: [] for name in commands(image)}
        for _ in range(runs + 1):
            for name, command in commands(image).items():
                times[name].append(milliseconds(command, environment))
    return {name: taken[1:] for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("image", type=Path, nargs="?", default=IMAGE, help="an image of one line")
    parser.add_argument("--runs", type=int, default=15, help="processes of each kind")
    arguments = parser.parse_args()
    times = measure(arguments.image, arguments.runs)
    for name, taken in times.items():
        print(f"{name:18}{median(taken):7.1f} ms")
    more = [ours - theirs for ours, theirs in zip(times["bitocr read"], times["Reader"], strict=True)]
    print(f"{'more than Reader':18}{median(more):7.1f} ms")


if __name__ == "__main__":
    main()
