"""Holds faces back for validation: about a tenth, by a hash of their names, so the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar, get_args

from bitocr.errors import UsageError
from bitocr.lab.config.data import Split
from bitocr.lab.data.synth.faces import Face

AnyFace = TypeVar("AnyFace", bound=Face)

SPLITS: tuple[Split, ...] = get_args(Split)
_HELD_BACK = 10
"""One face in this many is held back."""


def of_split(faces: Sequence[AnyFace], split: str) -> tuple[AnyFace, ...]:
    """The faces of a split: all of them, those to train with, or those held back.

    Raises:
        UsageError: there is no such split, or it has none of the faces.
    """
    if split not in SPLITS:
        raise UsageError(f"no split of the faces is called {split!r}: choose one of {', '.join(SPLITS)}")
    held = split == "validation"
    found = tuple(face for face in faces if split == "all" or is_held_back(face) == held)
    if faces and not found:
        raise UsageError(f"none of the {len(faces)} faces here is for {split}: run make fonts")
    return found


def is_held_back(face: Face) -> bool:
    digest = sha256(f"{face.family}|{face.style}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % _HELD_BACK == 0
