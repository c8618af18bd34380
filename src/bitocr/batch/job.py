"""Runs a batch: plans it, reads what is not done, and gathers the errors."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from bitocr.arguments import whole
from bitocr.batch import formats, sources
from bitocr.batch.meter import Meter
from bitocr.batch.output import Output
from bitocr.batch.plan import Plan, Planned
from bitocr.batch.read_shard import ShardReader
from bitocr.batch.settings import FILES, Settings
from bitocr.batch.tasks import Done, Task
from bitocr.defaults import LANGUAGE_MODEL, MAX_PIXELS, MODEL
from bitocr.errors import UsageError
from bitocr.io.shipped import DETECTOR
from bitocr.reader import available_cores

LINES, PAGES = 1000, 100
"""About how many inputs a shard holds."""
_DEFAULTS = {"detector": DETECTOR, "language_model": LANGUAGE_MODEL, "max_pixels": MAX_PIXELS}
Engine = Literal["local", "ray"]


class Summary(NamedTuple):
    """Counts of inputs after a run.

    inputs: all inputs of the batch.
    read: those read in this run.
    done: those in the folder now.
    failed: those of them that could not be read.
    unread: for each shard that could not be written, the reason.
    """

    inputs: int
    read: int
    done: int
    failed: int
    unread: tuple[str, ...] = ()


def run(
    inputs: Iterable[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    line: bool = False,
    model: str | os.PathLike[str] = MODEL,
    format: str = "jsonl.gz",
    threads: int = 0,
    processes: int = 0,
    shard: tuple[int, int] = (1, 1),
    engine: Engine = "local",
    retry_errors: bool = False,
    shard_size: int = 0,
    progress: bool = False,
    **options: Any,
) -> Summary:
    """Reads all inputs into files of rows in the folder `out`, and resumes an earlier run. Bad inputs don't stop it.

    Args:
        inputs: folders, patterns, pictures, .tar and .parquet files, "@FILE" with a path on each line, or URLs that
            fsspec knows.
        out: the folder to write.
        line: each picture is one line or word.
        model: as for `Reader`.
        format: one of `bitocr.batch.FORMATS`.
        threads: how many pictures are read at once; 0 uses every core.
        processes: reads in this many processes instead of threads, and survives crashes of decoders.
        shard: (K, N) does part K of N, so that N machines that share the folder do all of it.
        engine: "local", or "ray" for a Ray cluster.
        retry_errors: tries inputs again that failed.
        shard_size: about how many inputs go into one file; 0: 100 pages or 1,000 lines.
        progress: shows a progress line on standard error.
        options: other options of `Reader`.

    Raises:
        UsageError: an argument is wrong, or the folder holds another batch.
        ModelError: the model cannot be opened.
    """
    settings = Settings(os.path.abspath(out), os.getcwd(), line, format, os.fspath(model), _hashable(options))
    _check(shard, engine, processes)
    formats.named(format)
    named = [os.fspath(name) for name in inputs]
    plan = Plan(sources.find(named, settings.out), whole("shard_size", shard_size, 0) or (LINES if line else PAGES))
    output = Output(out, format)
    output.prepare(plan, named, settings.fingerprint)
    todo = _todo(plan, output, shard, retry_errors)
    unread: list[str] = []
    read = 0
    try:
        for done in _done(plan, todo, settings, engine, processes, threads, progress) if todo else ():
            read += done.inputs
            if done.unread:
                unread.append(f"{output.path(done.shard).name}: {done.unread}")
            else:
                _log(output, done)
    finally:
        failed = output.gather_errors(shard.digest for shard in plan.shards)
    ready = output.done()
    return Summary(plan.inputs, read, sum(s.inputs for s in plan.shards if s.digest in ready), failed, tuple(unread))


def _log(output: Output, done: Done) -> None:
    output.log(shard=done.shard.digest, inputs=done.inputs, failed=done.failed, seconds=round(done.seconds, 3))


class _Todo(NamedTuple):
    shard: Planned
    again: bool
    inputs: int


def _todo(plan: Plan, output: Output, share: tuple[int, int], retry_errors: bool) -> list[_Todo]:
    """The shards of this machine that are not done, or whose errors are tried again."""
    ready, failed = output.done(), output.with_errors() if retry_errors else set()
    part, of = share
    mine = plan.shards[part - 1 :: of]
    new = [_Todo(shard, False, shard.inputs) for shard in mine if shard.digest not in ready]
    again = [
        _Todo(shard, True, len(output.errors(shard.digest)))
        for shard in mine
        if shard.digest in ready and shard.digest in failed
    ]
    return sorted(new + again)


def _done(
    plan: Plan, todo: list[_Todo], settings: Settings, engine: Engine, processes: int, threads: int, progress: bool
) -> Iterator[Done]:
    tasks = (Task(one.shard, plan.items(one.shard), one.again) for one in todo)
    meter = Meter(sum(one.inputs for one in todo)) if progress else None
    results = _executed(tasks, settings, engine, processes, threads, meter)
    try:
        for done in results:
            if meter is not None:
                meter.shard(done)
            yield done
    finally:
        results.close()
        if meter is not None:
            meter.close()


def _executed(
    tasks: Iterator[Task], settings: Settings, engine: Engine, processes: int, threads: int, meter: Meter | None
) -> Generator[Done, None, None]:
    show, one = (meter.show, meter.one) if meter else (_nothing, _nothing)
    if engine == "local" and not processes:
        yield from ShardReader(settings, threads or available_cores(), one).run(tasks)
        return
    settings.reader(1)  # so that a wrong option is reported once, and not by every worker
    if engine == "ray":
        from bitocr.batch import cluster

        yield from cluster.run(tasks, settings, show)
    else:
        from bitocr.batch import processes as in_processes

        yield from in_processes.run(tasks, settings, processes, show)


def _nothing() -> None: ...


def _check(shard: tuple[int, int], engine: str, processes: int) -> None:
    part, of = shard
    if not 1 <= part <= of:
        raise UsageError(f"shard {part}/{of}: the first number is from 1 to the second")
    if engine not in ("local", "ray"):
        raise UsageError(f"there is no engine {engine!r}: choose local or ray")
    if engine == "ray" and processes:
        raise UsageError("processes run on this machine only: leave them out with Ray")


def _hashable(options: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Options that differ from their defaults, with lists as tuples and paths as strings."""
    options = {**options, **{name: "none" for name in FILES if options.get(name, "") is None}}
    given = sorted((name, value) for name, value in options.items() if value not in (None, _DEFAULTS.get(name)))
    return tuple((name, _plain(value)) for name, value in given)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return tuple(value) if isinstance(value, (list, set)) else value
