"""Labelled line images on disk: folders with a label file, and LMDBs in the field's usual layout.

A label file has one image a line: its path (relative to the file), a tab, its text. An LMDB holds `num-samples`, and
for each sample from 1 on `image-%09d` (an encoded image) and `label-%09d` (UTF-8). Wrong data raises `UsageError` or
`ImageError` with one line that names the file or the sample.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import lmdb
import numpy as np
from numpy.typing import NDArray

from bitocr.errors import BitocrError, ImageError, UsageError
from bitocr.io.images import load
from bitocr.io.labels import read_labels
from bitocr.language.unicode_forms import normalise
from bitocr.native.image import gray

Gray = NDArray[np.uint8]
Sample = tuple[Gray, str]

MAP_SIZE = 1 << 40
"""The largest size of an LMDB in bytes; the file takes only what is written."""


def read_samples(path: str | os.PathLike[str], limit: int | None = None) -> list[Sample]:
    """Reads samples: gray uint8 [h, w] and text in the form NFC.

    Leaves out damaged images, since real datasets have a few, and reports their number in one line on standard error.
    If no image can be read, raises the error of the first one.

    Args:
        path: a label file, its folder, or an LMDB.
        limit: read only the first so many samples; None for all.
    """
    path = Path(path)
    samples: list[Sample] = []
    errors: list[BitocrError] = []
    for read in _read_lmdb(path, limit) if (path / "data.mdb").is_file() else _read_folder(path, limit):
        try:
            samples.append(read())
        except BitocrError as error:
            errors.append(error)
    if errors and not samples:
        raise errors[0]
    if errors:
        count = len(errors) + len(samples)
        print(f"{path}: left out {len(errors)} of {count} samples, as for the first: {errors[0]}", file=sys.stderr)
    return samples


def _read_folder(path: Path, limit: int | None) -> Iterator[Callable[[], Sample]]:
    for image, text in read_labels(path / "labels.tsv" if path.is_dir() else path, limit):
        yield partial(_open, image, text)


def _open(image: Path, text: str) -> Sample:
    return to_gray(load(image)), normalise(text)


def to_gray(pixels: NDArray[np.uint8]) -> Gray:
    """Converts gray, RGB or RGBA pixels to gray [h, w] as the engine does, with transparency over white."""
    return pixels if pixels.ndim == 2 else gray(pixels)


def image_key(number: int) -> bytes:
    return b"image-%09d" % number


def label_key(number: int) -> bytes:
    return b"label-%09d" % number


@contextmanager
def open_lmdb(path: str | os.PathLike[str], write: bool = False) -> Iterator[lmdb.Environment]:
    """Opens the LMDB in a folder, and closes it after the block. Raises UsageError, also in the block, if it is bad."""
    try:
        reading = {"readonly": True, "lock": False, "readahead": False}
        with lmdb.open(str(path), map_size=MAP_SIZE, **({} if write else reading)) as environment:
            yield environment
    except lmdb.Error as error:
        reason = str(error).rpartition(": ")[2] or "damaged"
        raise UsageError(f"{path}: not an LMDB that can be {'written' if write else 'read'} ({reason})") from None


def _read_lmdb(path: Path, limit: int | None) -> Iterator[Callable[[], Sample]]:
    with open_lmdb(path) as environment, environment.begin() as transaction:
        count = sample_count(path, transaction)
        for number in range(1, min(count, limit or count) + 1):
            image, label = transaction.get(image_key(number)), transaction.get(label_key(number))
            if image is None or label is None:
                raise UsageError(f"{path}: says that it holds {count} samples, but number {number} is missing")
            yield partial(_decode, f"{path}, sample {number}", bytes(image), bytes(label))


def _decode(name: str, image: bytes, label: bytes) -> Sample:
    try:
        return to_gray(load(image)), normalise(label.decode())
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: its label is not UTF-8 text") from None


def sample_count(path: Path, transaction: lmdb.Transaction) -> int:
    value = transaction.get(b"num-samples")
    try:
        return int(bytes(value or b""))
    except ValueError:
        raise UsageError(f"{path}: an LMDB without num-samples, not a text recognition dataset") from None
