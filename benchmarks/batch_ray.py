"""Measures the cost of Ray on one machine: CPU and memory of all processes that read the same lines, beside threads.

    python benchmarks/batch_ray.py FOLDER [--lines 3000] [--processors 1 2]

FOLDER holds pictures of lines; Ray starts its own cluster. Fails if any byte of a shard differs. Linux only: CPU and
memory (PSS) are sampled from /proc, five times a second.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

BY_THREADS = """
import sys; from bitocr import batch
batch.run([sys.argv[1]], sys.argv[2], line=True, threads=int(sys.argv[3]))
"""
BY_RAY = """
import sys, ray; from bitocr import batch
ray.init(num_cpus=int(sys.argv[3]), include_dashboard=False)
if sys.argv[1]: batch.run([sys.argv[1]], sys.argv[2], line=True, engine="ray")
ray.shutdown()
"""
EVERY = 0.2  # seconds
TRIES = 5  # attempts to start Ray, which waits only 30 s: a busy machine may need longer
TICK = os.sysconf("SC_CLK_TCK")


def processes(root: int) -> Iterator[int]:
    """A process and all of its descendants."""
    yield root
    for task in Path(f"/proc/{root}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from processes(int(child))


def processor_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def megabytes(process: int) -> float:
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def measured(code: str, *arguments: object, tries: int = TRIES) -> tuple[float, float]:
    """The CPU seconds and peak megabytes of a program and its child processes."""
    command, null = [sys.executable, "-c", code, *map(str, arguments)], subprocess.DEVNULL
    running = subprocess.Popen(command, stdout=null, stderr=null)
    seconds: dict[int, float] = {}
    most = 0.0
    while running.poll() is None:
        try:
            family = list(processes(running.pid))
            seconds.update({process: processor_seconds(process) for process in family})
            most = max(most, sum(megabytes(process) for process in family))
        except (OSError, ValueError):  # one of them has ended
            pass
        time.sleep(EVERY)
    if running.returncode:
        if tries == 1:
            raise SystemExit("a run failed")
        return measured(code, *arguments, tries=tries - 1)
    return sum(seconds.values()), most


def shards(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.glob("part-*")}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--lines", type=int, default=3000)
    parser.add_argument("--processors", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    paths = sorted(str(path.absolute()) for path in options.folder.iterdir())
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "list.txt"
        listed.write_text("\n".join(islice(cycle(paths), options.lines)))
        for count in options.processors:
            by_threads, by_ray = Path(folder) / f"threads{count}", Path(folder) / f"ray{count}"
            threads = measured(BY_THREADS, f"@{listed}", by_threads, count)
            started = measured(BY_RAY, "", "", count)
            ray = measured(BY_RAY, f"@{listed}", by_ray, count)
            same = shards(by_ray) == shards(by_threads)
            print(
                f"{count} CPUs, {options.lines} lines: threads {threads[0]:.1f} s CPU, {threads[1]:.0f} MB; "
                f"Ray {ray[0]:.1f} s CPU, {ray[1]:.0f} MB, of which {started[0]:.1f} s to start and stop; same: {same}",
                flush=True,
            )
            if not same:
                raise SystemExit("the shards differ")


if __name__ == "__main__":
    main()
