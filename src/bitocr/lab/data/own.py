"""Your own labelled images: their labels, and which images are held back for measuring."""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from pathlib import Path

from bitocr.errors import UsageError
from bitocr.io.files import write_atomic
from bitocr.io.labels import read_labels
from bitocr.language.unicode_forms import normalise

Labelled = list[tuple[Path, str]]

HELD_BACK = 10
"""One image in this many is held back."""


def read_own(path: str | Path) -> Labelled:
    """The images and texts (NFC) of a label file or a folder's labels.tsv, without empty texts.

    Raises:
        UsageError: there is no such folder, it has no labels.tsv, or that has no labels.
    """
    path = Path(path)
    file = path / "labels.tsv" if path.is_dir() else path
    if not file.is_file():
        what = "has no labels.tsv" if path.is_dir() else "no such folder or label file"
        raise UsageError(f"{path}: {what} (on each line an image's path, a tab and its text)")
    labelled = [(image, normalise(text)) for image, text in read_labels(file) if text.strip()]
    if not labelled:
        raise UsageError(f"{file}: all of its texts are empty")
    return labelled


def missing_characters(labelled: Labelled, characters: str) -> dict[str, int]:
    """The characters of labels that `characters` lacks, each with its number of labels, the most frequent first."""
    known = set(characters)
    counts = Counter(character for _, text in labelled for character in set(text) - known)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def hold_back(labelled: Labelled) -> tuple[Labelled, Labelled]:
    """Splits images into those to train on and those held back: about one in `HELD_BACK`, and at least one.

    A hash of the image's bytes decides. So an image stays on its side when you add or remove others, and its copies are
    on the same side.

    Raises:
        UsageError: there is only one image.
    """
    digests = [digest(image) for image, _ in labelled]
    held = {value for value in digests if value % HELD_BACK == 0} or {min(digests)}
    train = [sample for sample, value in zip(labelled, digests, strict=True) if value not in held]
    if not train:
        raise UsageError("too few images to hold one back: label more, or give others with validation=FOLDER")
    return train, [sample for sample, value in zip(labelled, digests, strict=True) if value in held]


def digest(image: Path) -> int:
    """A hash of a file's bytes. An unreadable file is not held back, so that training reports it."""
    try:
        return int.from_bytes(sha256(image.read_bytes()).digest()[:8], "big")
    except OSError:
        return 2**64 - 1


def write_labels(path: Path, labelled: Labelled) -> None:
    """Writes a label file, with paths relative to it."""
    lines = [f"{os.path.relpath(image, path.parent)}\t{text}\n" for image, text in labelled]
    write_atomic(path, "".join(lines).encode())
