"""Cheap augmentation, so that training can use each rendered or real image several times.

It costs a tenth of rendering: a small shear and rotation, cut or added margins, blur, noise, inversion. Brightness and
contrast stay as they are, since the engine's normalisation removes both.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


def distort(image: Gray, rng: np.random.Generator) -> Gray:
    """A slightly different copy of a gray image [h, w]; its text stays readable."""
    if rng.random() < 0.5:
        image = shift_margins(image, rng)
    if rng.random() < 0.4:
        image = warp(image, rng)
    if rng.random() < 0.15:
        image = np.asarray(cv2.GaussianBlur(image, (3, 3), rng.uniform(0.4, 1.2)), np.uint8)
    if rng.random() < 0.2:
        image = add_noise(image, rng)
    return 255 - image if rng.random() < 0.25 else image


def shift_margins(image: Gray, rng: np.random.Generator) -> Gray:
    """Cuts up to 4 % of the shorter side from each side, or adds up to 15 % of the height by repeating the edge.

    One time in six it adds up to 40 %: boxes that people draw, and those of detectors, are often too large.
    """
    height, width = image.shape
    margins = rng.uniform(-0.04, 0.4 if rng.random() < 1 / 6 else 0.15, 4)
    top, bottom, left, right = (round(m * (height if m > 0 else min(height, width))) for m in margins)
    image = image[max(0, -top) : height - max(0, -bottom), max(0, -left) : width - max(0, -right)]
    added = (max(0, top), max(0, bottom), max(0, left), max(0, right))
    return np.asarray(cv2.copyMakeBorder(image, *added, cv2.BORDER_REPLICATE), np.uint8)


def warp(image: Gray, rng: np.random.Generator) -> Gray:
    """Shears by up to a sixth, and tilts so that the ends of the text move by at most a tenth of its height."""
    height, width = image.shape
    shear = rng.uniform(-0.16, 0.16)
    tilt = rng.uniform(-0.1, 0.1) * height / width
    matrix = np.array([[1, shear, -shear * height / 2], [tilt, 1, -tilt * width / 2]], np.float32)
    return np.asarray(cv2.warpAffine(image, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def add_noise(image: Gray, rng: np.random.Generator) -> Gray:
    """Adds Gaussian noise of up to 12 gray levels. It comes from a random place of a table: drawing noise is slow."""
    start = int(rng.integers(0, NOISE.size - image.size)) if image.size < NOISE.size else 0
    noise = np.resize(NOISE[start : start + image.size], image.shape)
    return np.clip(image + noise * rng.uniform(2, 12), 0, 255).astype(np.uint8)


NOISE = np.random.default_rng(0).standard_normal(1 << 18, np.float32)
