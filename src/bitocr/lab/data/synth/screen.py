"""Text on screens: flat grounds, crisp edges, and rules, buttons, selections and icons around the text."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth import effects
from bitocr.lab.data.synth.chance import Weighted, between, happens, whole
from bitocr.lab.data.synth.scene import blend, to_gray

Rng = np.random.Generator
Mask = NDArray[np.uint8]

# Font sizes in pixels with their weights: interfaces are mostly small print.
SIZES: Weighted[tuple[int, int]] = Weighted({(11, 14): 30, (14, 18): 34, (18, 26): 22, (26, 40): 14})

EFFECTS: effects.Chain = (
    (effects.focus_blur, 0.05),
    (effects.low_resolution, 0.06),
    (effects.noise, 0.03),
    (effects.gamma, 0.05),
    (effects.sharpen, 0.08),
    (effects.jpeg, 0.35),
)


def compose(rng: Rng, ink: Mask) -> Mask:
    """Paints the ink as a gray picture, uint8 of the same shape."""
    ground, tone = _tones(rng)
    picture = np.full(ink.shape, ground, np.float32)
    if happens(rng, 0.28):
        _furnish(rng, picture, ground)
    if happens(rng, 0.05):
        picture += np.linspace(0, between(rng, -40, 40), ink.shape[1], dtype=np.float32)
    shown = to_gray(blend(picture, np.float32(tone), ink))
    return rescaled(rng, shown) if happens(rng, 0.3) else shown


def _tones(rng: Rng) -> tuple[float, float]:
    """The grays of ground and letters: mostly dark on light, else light on dark, or any two with enough contrast."""
    kind = rng.random()
    if kind < 0.66:
        ground = 255.0 if happens(rng, 0.6) else between(rng, 225, 255)
        return ground, between(rng, 0, 90) if happens(rng, 0.75) else between(rng, 90, ground - 60)
    if kind < 0.84:
        ground = between(rng, 0, 70)
        return ground, between(rng, 190, 255) if happens(rng, 0.75) else between(rng, ground + 60, 190)
    ground = between(rng, 60, 215)
    return ground, min(255.0, ground + between(rng, 60, 160)) if ground < 190 else ground - between(rng, 70, 190)


def _furnish(rng: Rng, picture: NDArray[np.float32], ground: float) -> None:
    """Draws a rule, the sides of a button or cell, a selection, or an icon at one end into the picture."""
    height, width = picture.shape
    tone = float(np.clip(ground + between(rng, 20, 110) * (1 if ground < 128 else -1), 0, 255))
    thick = whole(rng, 1, 2)
    kind = rng.random()
    if kind < 0.35:
        picture[height - thick if happens(rng, 0.8) else 0 :][:thick] = tone
    elif kind < 0.65:
        cv2.rectangle(picture, (0, 0), (width - 1, height - 1), tone, thick)
    elif kind < 0.8:
        start = whole(rng, 0, width - 1)
        picture[:, start : start + whole(rng, 1, width)] += np.float32((tone - ground) * 0.3)
    else:
        radius = max(1, round(height * between(rng, 0.1, 0.4)))
        x = 0 if happens(rng, 0.5) else width - 1
        cv2.circle(picture, (x, height // 2), radius, tone, thick if happens(rng, 0.5) else -1, cv2.LINE_AA)


def rescaled(rng: Rng, picture: Mask) -> Mask:
    """Scales a screenshot down or up."""
    height, width = picture.shape
    scale = max(between(rng, 0.6, 1.5), 11 / height)
    size = max(4, round(width * scale)), max(8, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 and happens(rng, 0.5) else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)
