"""The input of the ports: the committed images of lines, and the shipped models to read them with."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from pathlib import Path

from bitocr.io.images import load

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
MODELS = ROOT / "src" / "bitocr" / "models"
# The shipped models with their n-grams and words.
READINGS = {
    "english": ("english.bit", "english.ngram", "english.words"),
    "english-tiny": ("english-tiny.bit", "english.ngram", "english.words"),
    "chinese": ("chinese.bit", "chinese.ngram", ""),
}


def arguments(model: str) -> list[str]:
    """The files of one of READINGS, as engine/tests/sums.c takes them."""
    return [str(MODELS / file) if file else "" for file in READINGS[model]]


def packed_images() -> bytes:
    """The images of lines, in the order of tools/golden.py."""
    return packed(sorted(DATA.rglob("*.png")))


def packed(images: Iterable[Path]) -> bytes:
    """Images in the form of engine/tests/sums.c: width, height and channels as u32, then the pixels."""
    parts = []
    for path in images:
        pixels = load(path)
        height, width, channels = (*pixels.shape, 1)[:3]
        parts += [struct.pack("<3I", width, height, channels), pixels.tobytes()]
    return b"".join(parts)
