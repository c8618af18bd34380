"""Measures many files side by side: their readings, times and memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch

from bitocr.errors import UsageError
from bitocr.inspect.metrics import Score, score
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.datasets import Gray, read_samples
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.report.probe import LINE, RUNTIMES, Probe
from bitocr.lab.report.variant import Variant
from bitocr.lab.train.validate import best_path
from bitocr.native.image import prepare, trim

WIDTHS = (100, LINE[1])
#: The time of one turn of a file in a round, in seconds.
TURN = 0.1


class LabelledSet(NamedTuple):
    """Images [h, w] with transcriptions, and the protocol that scores them."""

    name: str
    protocol: str
    images: list[Gray]
    texts: list[str]


def open_set(path: Path, protocol: str, limit: int | None = None, name: str | None = None) -> LabelledSet:
    """Opens a label file, its folder, or an LMDB. Without a name it takes the folder's. Raises UsageError."""
    samples = read_samples(path, limit)
    return LabelledSet(name or set_name(path), protocol, [image for image, _ in samples], [text for _, text in samples])


def set_name(path: Path) -> str:
    """The default name of a set: that of its folder."""
    return path.resolve().parent.name if path.suffix == ".tsv" else path.resolve().name


def check_sets(names: Sequence[str]) -> None:
    """Raises UsageError if two sets have the same name: figures are stored by name."""
    for index, name in enumerate(names):
        if name in names[:index]:
            raise UsageError(f"two sets of images are called {name!r}: give each a folder or a name of its own")


Progress = Callable[[str, int, int], None]


def measure(files: Sequence[Path], sets: Sequence[LabelledSet], rounds: int, progress: Progress) -> list[Variant]:
    """The figures of each file.

    Args:
        rounds: the number of rounds, in each of which every file has a turn; times are medians over the rounds.
        progress: called with the current task, and with the numbers of turns or images done and in all.

    Raises:
        ModelError: a file cannot be read or run.
        UsageError: there are no files, a file is of an unknown kind, or two sets have the same name.
    """
    check_files(files)
    check_sets([each.name for each in sets])
    with ExitStack() as stack:
        probes = [stack.enter_context(Probe(file)) for file in files]
        times = take_times(probes, rounds, progress)
        scores = [read_sets(probe, sets, progress) for probe in probes]
    return [variant(*each) for each in zip(files, probes, scores, times, strict=True)]


def check_files(files: Sequence[Path]) -> None:
    """Checks what can be checked without opening files. Raises UsageError."""
    if not files:
        raise UsageError("no files to report on")
    for file in files:
        if file.suffix not in RUNTIMES:
            raise UsageError(f"{file}: the name must end in {', '.join(RUNTIMES)}")
        if not file.is_file():
            raise UsageError(f"{file}: No such file")


def take_times(probes: Sequence[Probe], rounds: int, progress: Progress) -> list[dict[int, float]]:
    """The median milliseconds of each file by width."""
    seconds: list[dict[int, list[float]]] = [{width: [] for width in WIDTHS} for _ in probes]
    for number in range(rounds):
        for probe, taken in zip(probes, seconds, strict=True):
            for width in WIDTHS:
                taken[width].append(probe.seconds(width, TURN))
        progress("timing, rounds", number + 1, rounds)
    return [{width: 1000 * median(values) for width, values in taken.items()} for taken in seconds]


def read_sets(probe: Probe, sets: Sequence[LabelledSet], progress: Progress) -> dict[str, Score]:
    """The scores of a file on each set, by greedy decoding."""
    charset, scores = Charset(probe.opened.charset), {}
    total, done = sum(len(each.images) for each in sets), 0
    for labelled in sets:
        readings = []
        for image in labelled.images:
            logits = torch.from_numpy(probe(prepare(trim(image))))
            readings.append(best_path(logits[None], charset)[0])
            done += 1
            if done % 100 == 0 or done == total:
                progress(f"reading with {Path(probe.path).name}, images", done, total)
        scores[labelled.name] = score(zip(labelled.texts, readings, strict=True), labelled.protocol)
    return scores


def variant(file: Path, probe: Probe, scores: dict[str, Score], times: dict[int, float]) -> Variant:
    network = probe.opened.network
    return Variant(
        name=f"{file.parent.name}/{file.name}" if file.suffix == ".safetensors" else file.name,
        runs_in=RUNTIMES[file.suffix],
        bytes=file.stat().st_size,
        accuracy={name: each.accuracy for name, each in scores.items()},
        cer={name: each.cer for name, each in scores.items()},
        ms=times,
        memory_mb=probe.opened.memory / 1e6,
        multiply_adds=count_macs(network, LINE[1]) if network else None,
    )
