"""Writes labelled images as a folder or an LMDB (see `datasets`). You can stop a run and resume it.

Everything goes into OUT.part, which is renamed to OUT at the end, so OUT is always complete. Sample number i depends
on i alone, so a resumed run gives the same files as one that never stopped.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.lab.data.datasets import Gray, Sample, image_key, label_key, open_lmdb, sample_count

_BATCH = 500
"""Samples per transaction of an LMDB. A stopped run loses at most this many."""

Add = Callable[[int, Sample], None]


def write_samples(
    out: Path,
    render: Callable[[int], Sample],
    settings: dict[str, Any],
    as_lmdb: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Writes samples 0 .. settings["count"] - 1 to `out`, with a settings.json that says how they were made.

    Calls `progress` with the number of samples written so far. Raises UsageError if `out` exists, or if OUT.part was
    begun with other settings.
    """
    part = _begin(out, {**settings, "lmdb": as_lmdb})
    with _lmdb(part) if as_lmdb else _folder(part) as (done, add):
        progress(done)
        for index in range(done, settings["count"]):
            add(index, render(index))
            progress(index + 1)
    part.rename(out)


def _begin(out: Path, settings: dict[str, Any]) -> Path:
    """OUT.part, new or from an earlier run with the same settings."""
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise UsageError(f"{out} exists already: remove it or choose another name")
    part = out.with_name(out.name + ".part")
    note = part / "settings.json"
    text = json.dumps(settings, indent=2) + "\n"
    try:
        part.mkdir(parents=True, exist_ok=True)
        if not note.exists():
            write_atomic(note, text.encode())
        same = note.read_text() == text
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot write {part}: {getattr(error, 'strerror', error)}") from None
    if not same:
        raise UsageError(f"{part} was begun with other settings: repeat those to go on, or remove it")
    return part


def encode_png(image: Gray) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])


@contextmanager
def _folder(part: Path) -> Iterator[tuple[int, Add]]:
    """images/THOUSANDS/NUMBER.png, each followed by its line in labels.tsv."""
    labels = part / "labels.tsv"
    done = _whole_lines(labels)
    with labels.open("a", encoding="utf-8", buffering=1) as file:

        def add(index: int, sample: Sample) -> None:
            image, text = sample
            name = f"images/{index // 1000:04d}/{index % 1000:03d}.png"
            path = part / name
            if index % 1000 == 0 or index == done:
                path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode_png(image))
            file.write(f"{name}\t{text}\n")

        yield done, add


def _whole_lines(labels: Path) -> int:
    """The number of labels there. Removes a line that was cut off when the run stopped."""
    if not labels.exists():
        return 0
    data = labels.read_bytes()
    end = data.rfind(b"\n") + 1
    if end < len(data):
        os.truncate(labels, end)
    return data.count(b"\n")


@contextmanager
def _lmdb(part: Path) -> Iterator[tuple[int, Add]]:
    """Writes samples in transactions of _BATCH, each of which sets num-samples."""
    waiting: dict[bytes, bytes] = {}
    with open_lmdb(part, write=True) as environment:

        def flush(count: int) -> None:
            with environment.begin(write=True) as transaction:
                for key, value in waiting.items():
                    transaction.put(key, value)
                transaction.put(b"num-samples", str(count).encode())
            waiting.clear()

        def add(index: int, sample: Sample) -> None:
            image, text = sample
            waiting[image_key(index + 1)] = encode_png(image)
            waiting[label_key(index + 1)] = text.encode()
            if len(waiting) >= 2 * _BATCH:
                flush(index + 1)

        with environment.begin() as transaction:
            done = sample_count(part, transaction) if transaction.get(b"num-samples") else 0
        try:
            yield done, add
        finally:  # stopped or done: keep the rendered samples
            if waiting:
                flush(max(int(key[6:]) for key in waiting))
