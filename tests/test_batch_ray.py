"""Batches on a real Ray cluster on this machine: the same files, crashes, killed workers."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batches import contents, errors, names, parts, pictures
from bitocr import batch
from bitocr.batch.crashes import CRASHED
from bitocr.errors import UsageError
from test_batch_processes import CRASHING

pytestmark = pytest.mark.slow


def start(processors: int, environment: dict[str, str], tries: int = 3) -> None:
    """Ray gives itself 30 seconds, which are too few where the machine is busy."""
    import ray

    try:
        ray.init(num_cpus=processors, include_dashboard=False, runtime_env={"env_vars": environment})
    except Exception:
        if tries == 1:
            raise
        ray.shutdown()
        start(processors, environment, tries - 1)


@contextmanager
def cluster(processors: int, **environment: str) -> Iterator[None]:
    import ray

    start(processors, environment)
    try:
        yield
    finally:
        ray.shutdown()


@pytest.mark.parametrize("processors", [1, 2])
def test_ray_writes_what_threads_write(tmp_path: Path, processors: int) -> None:
    folder = pictures(tmp_path / "in", 60)
    (folder / "0031.png").write_bytes(b"bad")
    batch.run([folder], tmp_path / "threads", line=True, shard_size=8)
    with cluster(processors):
        summary = batch.run([folder], tmp_path / "ray", line=True, shard_size=8, engine="ray")
    assert summary == (60, 60, 60, 1, ())
    assert contents(tmp_path / "ray") == contents(tmp_path / "threads")
    assert errors(tmp_path / "ray") == errors(tmp_path / "threads")


def workers() -> list[int]:
    """Ray calls a worker's process by what it does."""
    found = subprocess.run(["pgrep", "-f", "^ray::_work"], capture_output=True, text=True, check=False).stdout
    return list(map(int, found.split()))


def test_killing_a_worker_loses_nothing(tmp_path: Path) -> None:
    folder, out = pictures(tmp_path / "in", 400), tmp_path / "out"
    killed: list[int] = []

    def kill() -> None:
        while len(killed) < 2 and not (out / "errors.jsonl").exists():
            time.sleep(0.05)
            if len(parts(out)) > 3 * len(killed):
                for worker in workers()[:1]:
                    os.kill(worker, signal.SIGKILL)
                    killed.append(worker)

    with cluster(2):
        thread = threading.Thread(target=kill)
        thread.start()
        summary = batch.run([folder], out, line=True, shard_size=20, engine="ray")
        thread.join()
    assert len(killed) == 2
    assert summary == (400, 400, 400, 0, ())
    assert names(out) == [f"{number:04}.png" for number in range(400)]


def test_a_crash_costs_its_picture(tmp_path: Path) -> None:
    folder, out = pictures(tmp_path / "in", 12), tmp_path / "out"
    (folder / "0005.png").write_bytes(b"CRASH")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(CRASHING)
    with cluster(1, PYTHONPATH=str(tmp_path / "site")):
        summary = batch.run([folder], out, line=True, shard_size=4, engine="ray")
    assert summary == (12, 12, 12, 1, ())
    assert errors(out) == {"0005.png": CRASHED}


def test_wrong_options_are_one_line(tmp_path: Path) -> None:
    folder = pictures(tmp_path / "in", 1)
    with pytest.raises(UsageError, match="reread"):
        batch.run([folder], tmp_path / "out", line=True, engine="ray", reread=7)
