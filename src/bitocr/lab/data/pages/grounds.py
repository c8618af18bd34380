"""Backgrounds of text: paper, photographs, patterns."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages.pens import logarithmic
from bitocr.lab.data.synth.chance import between, happens, pick, whole
from bitocr.lab.data.synth.textures import textures

Rng = np.random.Generator
Plane = NDArray[np.float32]

FOLDERS = (
    "/usr/share/backgrounds",
    "/usr/share/wallpapers",
)
"""The folders into which the packages of debian-backgrounds.txt put their pictures."""
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_LARGEST = 1500
_LEAST = 200
HELD_BACK = 8
"""One picture in this many is for validation."""


@lru_cache(maxsize=1)
def photo_paths() -> tuple[str, ...]:
    """The background pictures on this machine, one of each name, since wallpapers come in many sizes."""
    found: dict[tuple[str, int], Path] = {}
    for folder in (*FOLDERS, *filter(None, os.environ.get("BITOCR_BACKGROUNDS", "").split(os.pathsep))):
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix.lower() in _SUFFIXES and path.is_file() and "screenshot" not in path.name:
                found.setdefault(_key(path), path)
    return tuple(str(path) for path in sorted(found.values()))


def _key(path: Path) -> tuple[str, int]:
    """What identifies a picture: the wallpaper's folder if the file is named by its size, such as 1920x1080.png."""
    name = path.parent.parent.parent.name if path.stem.replace("x", "").isdigit() else path.stem
    return name, 0


@lru_cache(maxsize=160)
def photo(path: str) -> NDArray[np.uint8] | None:
    """Gray uint8 of at most _LARGEST pixels per side; None if the picture is too small or cannot be read."""
    image = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    if image is None or min(image.shape) < _LEAST:
        return None
    scale = _LARGEST / max(image.shape)
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8)


def photo_of(rng: Rng, split: str) -> NDArray[np.uint8] | None:
    """A picture of the split; None if there is none."""
    paths = photo_paths()
    if split != "all":
        paths = tuple(p for i, p in enumerate(paths) if (i % HELD_BACK == 0) == (split == "validation"))
    return photo(pick(rng, paths)) if paths else None


def scene(rng: Rng, height: int, width: int, split: str) -> Plane:
    """Part of a photograph, or a pattern in its place."""
    image = photo_of(rng, split) if happens(rng, 0.85) else None
    if image is None:
        return pattern(rng, height, width)
    share = between(rng, 0.25, 1.0) ** 1.2 * min(image.shape[0] / height, image.shape[1] / width)
    h, w = max(8, int(height * share)), max(8, int(width * share))
    y, x = whole(rng, 0, max(0, len(image) - h)), whole(rng, 0, max(0, image.shape[1] - w))
    part = image[y : y + h, x : x + w]
    if happens(rng, 0.5):
        part = part[:, ::-1]
    plane = cv2.resize(part, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32)
    if happens(rng, 0.4):
        mean = float(plane.mean())
        plane = (plane - mean) * np.float32(between(rng, 0.2, 1.0)) + np.float32(between(rng, 40, 215))
    return np.clip(plane, 0, 255)


def pattern(rng: Rng, height: int, width: int) -> Plane:
    """Clouds, shapes and grain at any scale."""
    factor = logarithmic(rng, 0.25, 1.0)
    size = max(8, int(height * factor)), max(8, int(width * factor))
    planes = textures()
    plane = planes.cloud(rng, size) * np.float32(between(rng, 5, 60))
    if happens(rng, 0.6):
        plane = plane + planes.shapes(rng, size) * np.float32(between(rng, 10, 60))
    if happens(rng, 0.3):
        plane = plane + planes.grain(rng, size) * np.float32(between(rng, 3, 25))
    plane = np.asarray(cv2.resize(plane, (width, height)), np.float32) + np.float32(between(rng, 40, 215))
    return np.clip(plane, 0, 255)


def paper(rng: Rng, height: int, width: int) -> Plane:
    """White, yellowed or tinted, with a little cloud and grain."""
    base = between(rng, 205, 255) if happens(rng, 0.8) else between(rng, 120, 215)
    plane = np.full((height, width), base, np.float32)
    planes = textures()
    if happens(rng, 0.5):
        plane += smooth(rng, height, width, whole(rng, 2, 5)) * np.float32(between(rng, 0, 25))
    if happens(rng, 0.25):
        plane += tiled(rng, planes.noise, height, width) * np.float32(between(rng, 1, 8))
    if happens(rng, 0.12):
        plane += np.asarray(cv2.resize(planes.cloud(rng, (128, 128)), (width, height))) * np.float32(between(rng, 1, 8))
    return np.clip(plane, 0, 255)


def smooth(rng: Rng, height: int, width: int, cells: int) -> Plane:
    """Smooth noise from -1 to 1."""
    coarse = rng.random((cells, cells), np.float32) * 2 - 1
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


def tiled(rng: Rng, plane: Plane, height: int, width: int) -> Plane:
    """Repeats fine noise [256, n] to any size, without scaling it."""
    y, x = whole(rng, 0, len(plane) - 1), whole(rng, 0, plane.shape[1] - 1)
    rows = (np.arange(height) + y) % len(plane)
    start = min(x, max(0, plane.shape[1] - width))
    return plane[rows, start : start + width] if width <= plane.shape[1] else np.resize(plane, (height, width))
