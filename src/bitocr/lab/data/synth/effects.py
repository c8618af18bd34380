"""The effects of cameras, scanners and codecs. Each one takes and returns uint8 [h, w].

Effects that blur take a `pitch`: the distance between strokes relative to Latin letters of the same height. A blur that
leaves a letter just legible would wipe out a hanzi.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import Weighted, between, happens, whole
from bitocr.lab.data.synth.textures import textures

Rng = np.random.Generator
Gray = NDArray[np.uint8]
Effect = Callable[[Rng, Gray], Gray]
Chain = tuple[tuple[Effect, float], ...]

_FEW_ROWS = 12, 24
_SCALINGS = Weighted({cv2.INTER_LINEAR: 4, cv2.INTER_CUBIC: 3, cv2.INTER_AREA: 2, cv2.INTER_NEAREST: 0.6})


def _gray(image: NDArray) -> Gray:
    return np.asarray(image, np.uint8)


def focus_blur(rng: Rng, image: Gray, pitch: float = 1.0) -> Gray:
    """Focus blur of up to a sixteenth of the height."""
    sigma = between(rng, 0.2, 1.0) ** 2 * image.shape[0] / 18 * pitch
    return image if sigma < 0.3 else _gray(cv2.GaussianBlur(image, (0, 0), sigma))


def motion_blur(rng: Rng, image: Gray, pitch: float = 1.0) -> Gray:
    """Motion blur of up to a seventh of the height, mostly sideways."""
    length = max(2, round(between(rng, 0.04, 0.14) * image.shape[0] * pitch))
    angle = rng.normal(0, 0.5)
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    dx, dy = np.cos(angle) * length / 2, np.sin(angle) * length / 2
    start, end = (round(length - dx), round(length - dy)), (round(length + dx), round(length + dy))
    cv2.line(kernel, start, end, 1.0)
    return _gray(cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def low_resolution(rng: Rng, image: Gray, pitch: float = 1.0) -> Gray:
    """Scales down to as few as 12 rows, and up again two times out of three."""
    height, width = image.shape
    least, most = (round(rows / pitch**0.5) for rows in _FEW_ROWS)
    rows = whole(rng, least, max(least, min(most, height)))
    small = cv2.resize(image, (max(4, round(width * rows / height)), rows), interpolation=cv2.INTER_AREA)
    if happens(rng, 0.33):
        return _gray(small)
    return _gray(cv2.resize(small, (width, height), interpolation=_SCALINGS(rng)))


def sharpen(rng: Rng, image: Gray) -> Gray:
    """The unsharp mask of a camera or editor, with its halos."""
    soft = cv2.GaussianBlur(image, (0, 0), between(rng, 0.7, 2.0))
    amount = between(rng, 0.5, 2.0)
    return _gray(cv2.addWeighted(image, 1 + amount, soft, -amount, 0))


def noise(rng: Rng, image: Gray) -> Gray:
    """Gaussian noise, or shot noise that grows with brightness; always weaker than the contrast."""
    strength = min(between(rng, 1, 12), between(rng, 0.05, 0.4) * float(image.std()))
    plane = textures().white(rng, image.shape) * np.float32(strength)
    if happens(rng, 0.4):
        plane = plane * np.sqrt(image * np.float32(1 / 128))
    return np.clip(image + plane, 0, 255).astype(np.uint8)


def salt_and_pepper(rng: Rng, image: Gray) -> Gray:
    level = np.float32(between(rng, 2.0, 3.0))
    plane = textures().white(rng, image.shape)
    image = image.copy()
    image[plane > level] = 255
    image[plane < -level] = 0
    return image


def gamma(rng: Rng, image: Gray) -> Gray:
    """Darkens or brightens by an exponent from 0.5 to 2."""
    table = 255 * (np.arange(256) / 255) ** np.exp(between(rng, -0.7, 0.7))
    return _gray(cv2.LUT(image, table.astype(np.uint8)))


def interlace(rng: Rng, image: Gray) -> Gray:
    """Shifts or darkens every other row, as in interlaced video."""
    image = image.copy()
    if happens(rng, 0.5):
        image[::2] = np.roll(image[::2], whole(rng, 1, 2), axis=1)
    else:
        image[::2] = (image[::2] * between(rng, 0.5, 0.85)).astype(np.uint8)
    return image


def posterise(rng: Rng, image: Gray) -> Gray:
    """Reduces to a few grays, as in an old GIF."""
    step = 256 // whole(rng, 3, 8)
    return _gray(image // step * step + step // 2)


def jpeg(rng: Rng, image: Gray) -> Gray:
    quality = int(15 + 75 * rng.random() ** 0.6)
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)


# In order of application, each with its probability.
CAMERA: Chain = (
    (focus_blur, 0.28),
    (motion_blur, 0.07),
    (low_resolution, 0.22),
    (noise, 0.25),
    (salt_and_pepper, 0.008),
    (gamma, 0.12),
    (sharpen, 0.17),
    (posterise, 0.01),
    (interlace, 0.012),
    (jpeg, 0.5),
)
SCANNER: Chain = (
    (focus_blur, 0.10),
    (low_resolution, 0.16),
    (noise, 0.08),
    (salt_and_pepper, 0.02),
    (gamma, 0.05),
    (sharpen, 0.12),
    (jpeg, 0.4),
)


def softened_by(chain: Chain, pitch: float) -> Chain:
    """The chain with its blurring effects adapted to this pitch."""
    softening = (focus_blur, motion_blur, low_resolution)
    return tuple((partial(effect, pitch=pitch) if effect in softening else effect, share) for effect, share in chain)


def degrade(rng: Rng, image: Gray, chain: Chain = CAMERA, dirt: float = 1.0) -> Gray:
    """Applies the effects of a chain, each with `dirt` times the chain's probability."""
    for effect, probability in chain:
        if happens(rng, probability * dirt):
            image = effect(rng, image)
    return image
