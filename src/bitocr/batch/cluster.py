"""The executor for many machines: one Ray task per shard. All machines see what the tasks write."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import ray

from bitocr.batch.crashes import CrashError, read_around
from bitocr.batch.items import Item
from bitocr.batch.read_shard import ShardReader
from bitocr.batch.settings import Settings
from bitocr.batch.tasks import Done, Task
from bitocr.errors import BitocrError

_TICK = 1.0  # seconds
_DIED = (ray.exceptions.WorkerCrashedError, ray.exceptions.NodeDiedError, ray.exceptions.OutOfMemoryError)


def run(tasks: Iterator[Task], settings: Settings, tell: Callable[[], object]) -> Iterator[Done]:
    """Gives shards as they finish, on the cluster of RAY_ADDRESS, a cluster that runs here, or this machine.

    tell: is called from time to time.
    """
    ours = not ray.is_initialized()
    if ours:
        _start()
    try:
        yield from _run(tasks, settings, tell)
    finally:
        if ours:
            ray.shutdown()


def _start() -> None:
    try:
        ray.init(include_dashboard=False, logging_level=logging.WARNING)
    except Exception as error:  # Ray may raise anything
        raise BitocrError(f"Ray does not start: {' '.join(str(error).split())}") from None


def _run(tasks: Iterator[Task], settings: Settings, tell: Callable[[], object]) -> Iterator[Done]:
    remote = _remote()
    running: dict[Any, Task] = {}
    for task in tasks:
        running[remote.remote(settings, task)] = task
        # Enough that no processor of the cluster waits for this one.
        if len(running) >= 2 * max(1, int(ray.cluster_resources().get("CPU", 1))):
            yield from _next(running, settings, tell)
    while running:
        yield from _next(running, settings, tell)


def _next(running: dict[Any, Task], settings: Settings, tell: Callable[[], object]) -> Iterator[Done]:
    ready: list[Any] = []
    while not ready:
        ready, _ = ray.wait(list(running), timeout=_TICK)
        tell()
    once = _remote().options(max_retries=0)
    for reference in ready:
        task = running.pop(reference)
        try:
            yield _answer(reference)
        except CrashError:
            yield read_around(
                task,
                lambda again: _answer(once.remote(settings, again)),
                lambda items: _answer(once.remote(settings, items)),
            )


def _answer(reference: Any) -> Any:
    try:
        answer = ray.get(reference)
    except _DIED:
        raise CrashError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


@lru_cache(maxsize=1)
def _remote() -> Any:
    # If a machine is lost, Ray starts its tasks elsewhere. A task that ends its worker twice is searched for the cause.
    return ray.remote(num_cpus=1, max_retries=1)(_work)


def _work(settings: Settings, work: Task | list[Item]) -> Any:
    try:
        return _reader(settings).work(work)
    except BitocrError as error:
        return error


@lru_cache(maxsize=1)
def _reader(settings: Settings) -> ShardReader:
    """One reader for all tasks of a worker's process, so that the model is loaded once."""
    return ShardReader(settings, threads=1)
