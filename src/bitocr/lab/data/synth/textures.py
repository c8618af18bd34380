"""Noise and textures, computed once. A picture takes a window of them, which costs almost nothing."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import happens

Rng = np.random.Generator
Plane = NDArray[np.float32]

HEIGHT, WIDTH = 256, 2048
_SEED = 20


class Textures:
    """Planes float32 [256, 2048] of mean 0 and standard deviation 1: white noise, clouds at several scales, clutter."""

    def __init__(self) -> None:
        rng = np.random.default_rng(_SEED)
        self.noise = rng.standard_normal((HEIGHT, WIDTH), np.float32)
        self.clouds = [_fractal(rng, decay) for decay in (0.5, 0.7, 0.9)]
        self.clutter = [_shapes(rng, count) for count in (250, 700, 1500)]
        self.stripes = [_grain(rng, axis) for axis in (0, 1)]

    def white(self, rng: Rng, shape: tuple[int, int]) -> Plane:
        return window(rng, self.noise, shape)

    def cloud(self, rng: Rng, shape: tuple[int, int]) -> Plane:
        return window(rng, self.clouds[int(rng.random() * len(self.clouds))], shape)

    def shapes(self, rng: Rng, shape: tuple[int, int]) -> Plane:
        return window(rng, self.clutter[int(rng.random() * len(self.clutter))], shape)

    def grain(self, rng: Rng, shape: tuple[int, int]) -> Plane:
        return window(rng, self.stripes[int(rng.random() * 2)], shape)


@lru_cache(maxsize=1)
def textures() -> Textures:
    return Textures()


def window(rng: Rng, plane: Plane, shape: tuple[int, int]) -> Plane:
    """A random window [h, w] of the plane, flipped half of the time, and stretched if the plane is too small."""
    height, width = shape
    if height > HEIGHT or width > WIDTH:
        part = plane[: min(height, HEIGHT), : min(width, WIDTH)]
        return np.asarray(cv2.resize(part, (width, height)), np.float32)
    y, x = int(rng.random() * (HEIGHT - height + 1)), int(rng.random() * (WIDTH - width + 1))
    part = plane[y : y + height, x : x + width]
    return part[:, ::-1] if happens(rng, 0.5) else part


def _normal(plane: NDArray) -> Plane:
    return np.asarray((plane - plane.mean()) / max(float(plane.std()), 1e-6), np.float32)


def _fractal(rng: Rng, decay: float) -> Plane:
    """The sum of noise at scales from 128 pixels down to 2. A `decay` near 1 is rough, near 0 smooth."""
    total = np.zeros((HEIGHT, WIDTH), np.float32)
    for octave, cell in enumerate((128, 64, 32, 16, 8, 4, 2)):
        coarse = rng.standard_normal((HEIGHT // cell + 1, WIDTH // cell + 1), np.float32)
        total += decay**octave * np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))
    return _normal(total)


def _shapes(rng: Rng, count: int) -> Plane:
    """Overlapping lines, boxes and discs in random grays, slightly blurred, like the surroundings of text in photos."""
    plane = np.full((HEIGHT, WIDTH), 128, np.uint8)
    for _ in range(count):
        gray = int(rng.integers(0, 256))
        x, y = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        size = int(3 + 60 * rng.random() ** 3)
        kind = rng.random()
        if kind < 0.4:
            end = int(x + rng.normal(0, 2 * size)), int(y + rng.normal(0, size))
            cv2.line(plane, (x, y), end, gray, int(rng.integers(1, 6)), cv2.LINE_AA)
        elif kind < 0.7:
            cv2.rectangle(plane, (x, y), (x + size, y + int(size * rng.random()) + 2), gray, -1)
        else:
            cv2.ellipse(plane, (x, y), (size, size // 2 + 1), rng.uniform(0, 180), 0, 360, gray, -1, cv2.LINE_AA)
    return _normal(np.asarray(cv2.GaussianBlur(plane, (0, 0), rng.uniform(0.6, 1.6))))


def _grain(rng: Rng, axis: int) -> Plane:
    """Wood, brushed metal, woven cloth: noise smeared along one axis."""
    noise = rng.standard_normal((HEIGHT, WIDTH), np.float32)
    kernel = (41, 1) if axis == 0 else (1, 41)
    smeared, soft = cv2.GaussianBlur(noise, kernel, 12), cv2.GaussianBlur(noise, (0, 0), 1.5)
    return _normal(np.asarray(smeared) + 0.3 * np.asarray(soft))
