"""Batches in several processes: crashes of decoders, killed workers, killed runs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from batches import contents, errors, hidden, names, parts, pictures
from bitocr import batch
from bitocr.batch.crashes import CRASHED, CrashError, read_around
from bitocr.batch.items import Item
from bitocr.batch.plan import Planned
from bitocr.batch.tasks import Done, Task

# Python runs it in every new process: a decoder that ends its process at some pictures, as a damaged one would.
CRASHING = """
import os, signal
from bitocr.batch.read_shard import ShardReader
sources = ShardReader._sources
def crashing(self, tasks, waiting):
    for data in sources(self, tasks, waiting):
        if data.startswith(b"CRASH"):
            os.kill(os.getpid(), signal.SIGSEGV)
        yield data
ShardReader._sources = crashing
"""


@pytest.mark.parametrize("culprits", [[], [0], [9], [3, 4], [0, 5, 9], list(range(10))])
def test_bisection_finds_what_crashes(culprits: list[int]) -> None:
    items = [Item(str(number), "") for number in range(10)]

    def open_items(opened: list[Item]) -> None:
        if any(item.kind == "file" and int(item.source) in culprits for item in opened):
            raise CrashError

    def read(task: Task) -> Done:
        open_items([task.item(place) for place in range(10)])
        return Done(task.shard, failed=len(task.crashed))

    done = read_around(Task(Planned(0, "", 10), items), read, open_items)
    assert done == Done(Planned(0, "", 10), failed=len(culprits))


def test_a_shard_that_always_crashes_is_given_up() -> None:
    def read(task: Task) -> Done:
        raise CrashError

    done = read_around(Task(Planned(0, "", 1), [Item("a", "")]), read, lambda items: None)
    assert "again and again" in done.unread


@pytest.mark.slow
def test_processes_write_what_threads_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = pictures(tmp_path / "in", 40)
    for number in (4, 20):
        (folder / f"{number:04}.png").write_bytes(b"CRASH")
    (tmp_path / "sitecustomize.py").write_text(CRASHING)
    batch.run([folder], tmp_path / "threads", line=True, shard_size=4)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    summary = batch.run([folder], tmp_path / "processes", line=True, shard_size=4, processes=2)
    assert summary == (40, 40, 40, 2, ())
    assert errors(tmp_path / "processes") == {"0004.png": CRASHED, "0020.png": CRASHED}
    others = {path.name for path in parts(tmp_path / "threads") if not _has_errors(tmp_path / "processes", path.name)}
    assert others
    assert all(contents(tmp_path / "threads")[name] == contents(tmp_path / "processes")[name] for name in others)
    assert names(tmp_path / "processes") == names(tmp_path / "threads")


def _has_errors(out: Path, name: str) -> bool:
    return (out / "errors" / f"{name.split('-')[2].partition('.')[0]}.jsonl").exists()


def start(folder: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bitocr", "batch", "--line", "--shard-size", "20", *options, str(folder), str(out)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait_for(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    """Waits until `shards` shards are done, or the process has ended."""
    end = time.monotonic() + 60
    while len(parts(out)) < count and process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)


def children(process: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(process)], capture_output=True, text=True, check=False).stdout
    return list(map(int, found.split()))


@pytest.mark.slow
def test_killing_a_worker_loses_nothing(tmp_path: Path) -> None:
    folder, out = pictures(tmp_path / "in", 400), tmp_path / "out"
    process = start(folder, out, "--processes", "2", "--json")
    for count in (1, 3, 5):
        wait_for(out, count, process)
        for child in children(process.pid)[-1:]:
            os.kill(child, signal.SIGKILL)
    printed, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    assert json.loads(printed) == {"inputs": 400, "read": 400, "done": 400, "failed": 0, "unread": []}
    assert names(out) == [f"{number:04}.png" for number in range(400)]


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--processes", "2")])
def test_ctrl_c(tmp_path: Path, options: tuple[str, ...]) -> None:
    folder, out = pictures(tmp_path / "in", 400), tmp_path / "out"
    process = start(folder, out, *options)
    wait_for(out, 2, process)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == "stopped: run the same command again to continue"
    assert "Traceback" not in told
    assert not hidden(out)
    assert batch.run([folder], out, line=True, shard_size=20).done == 400
    assert names(out) == [f"{number:04}.png" for number in range(400)]


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path: Path) -> None:
    folder, out = pictures(tmp_path / "in", 400), tmp_path / "out"
    chance = random.Random(0)
    for number in range(6):
        process = start(folder, out, *(("--processes", "2") if number % 2 else ()))
        wait_for(out, len(parts(out)) + 1, process)
        time.sleep(chance.uniform(0, 0.3))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert batch.run([folder], out, line=True, shard_size=20).done == 400
    assert names(out) == [f"{number:04}.png" for number in range(400)]
    assert not hidden(out)
