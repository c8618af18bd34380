"""Ink on surfaces in scenes: signs, posters, screens. Colours are grays, since the network sees only gray."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole
from bitocr.lab.data.synth.textures import Plane, textures

Rng = np.random.Generator
Mask = NDArray[np.uint8]
Background = Callable[[Rng, "tuple[int, int]", float], Plane]


def flat(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    return np.zeros(shape, np.float32)


def gradient(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    """A gradient in any direction."""
    height, width = shape
    rise, run = between(rng, -0.3, 0.3) * contrast, between(rng, -0.4, 0.4) * contrast
    column = np.linspace(-rise, rise, height, dtype=np.float32)[:, None]
    return column + np.linspace(-run, run, width, dtype=np.float32)


def cloudy(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    return textures().cloud(rng, shape) * np.float32(0.22 * rng.random() ** 1.5 * contrast)


def grainy(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    return textures().grain(rng, shape) * np.float32(0.2 * rng.random() ** 1.5 * contrast)


def cluttered(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    return textures().shapes(rng, shape) * np.float32(0.28 * rng.random() ** 1.3 * contrast)


def panels(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    """Two tones with a straight edge between them."""
    height, width = shape
    plane = np.zeros(shape, np.float32)
    step = between(rng, 0.1, 0.45) * contrast * (1 if happens(rng, 0.5) else -1)
    if happens(rng, 0.5):
        plane[whole(rng, 0, height) :] = step
    else:
        plane[:, whole(rng, 0, width) :] = step
    return plane


def framed(rng: Rng, shape: tuple[int, int], contrast: float) -> Plane:
    """The edge, rule or border of a sign along one to four sides of the picture."""
    height, width = shape
    plane = np.zeros(shape, np.float32)
    tone = between(rng, -1, 1) * contrast
    for side in range(4):
        if happens(rng, 0.5):
            thick = whole(rng, 1, max(1, height // 9))
            band = (np.s_[:thick], np.s_[height - thick :], np.s_[:, :thick], np.s_[:, width - thick :])[side]
            plane[band] = tone
    return plane


_BACKGROUNDS: Weighted[Background] = Weighted(
    {flat: 50, gradient: 18, cloudy: 12, grainy: 3, cluttered: 7, panels: 4, framed: 6}
)  # fmt: skip
_CONTRASTS = Weighted({(120, 245): 68, (70, 120): 24, (35, 70): 8})


def compose(rng: Rng, ink: Mask) -> Mask:
    """Paints the ink as a gray picture uint8 of the same shape: background, shadow, outline, letters, light."""
    low, high = _CONTRASTS(rng)
    contrast = between(rng, low, high)
    sign = 1.0 if happens(rng, 0.5) else -1.0
    ground = between(rng, 0, 255 - contrast) + (contrast if sign < 0 else 0)
    picture = _BACKGROUNDS(rng)(rng, ink.shape, contrast) + np.float32(ground)
    letters: Plane | np.float32 = np.float32(ground + sign * contrast)
    if happens(rng, 0.18):
        letters = letters + pick(rng, (gradient, gradient, cloudy, grainy, panels))(rng, ink.shape, contrast)
    if happens(rng, 0.16):
        tone = ground - between(rng, 0.2, 0.9) * contrast * (1 if happens(rng, 0.8) else -1)
        picture = _shadow(rng, picture, ink, tone)
    if happens(rng, 0.13):
        picture, letters = _outline(rng, picture, ink, letters, ground, sign * contrast)
    if happens(rng, 0.03):
        picture, letters = _emboss(rng, picture, ink, contrast), picture
    picture = blend(picture, letters, ink)
    if happens(rng, 0.12):
        picture = _light(rng, picture)
    return to_gray(picture)


def blend(below: Plane, above: Plane | np.float32, ink: Mask) -> Plane:
    """`above` where the ink is 255, `below` where it is 0."""
    return below + (above - below) * (ink * np.float32(1 / 255))


def to_gray(picture: Plane) -> Mask:
    return np.clip(picture, 0, 255).astype(np.uint8)


def _shadow(rng: Rng, picture: Plane, ink: Mask, tone: float) -> Plane:
    """A drop shadow: hard, soft, or extruded as the side of a solid letter."""
    reach = max(1.0, ink.shape[0] * between(rng, 0.02, 0.1))
    dx, dy = round(between(rng, -reach, reach)), round(between(rng, -reach, reach))
    kind = rng.random()
    if kind < 0.3:
        kernel = np.zeros((2 * abs(dy) + 1, 2 * abs(dx) + 1), np.uint8)
        cv2.line(kernel, (abs(dx), abs(dy)), (abs(dx) + dx, abs(dy) + dy), 1)
        cast = cv2.dilate(ink, kernel[::-1, ::-1])
    else:
        cast = cv2.warpAffine(ink, np.array([[1, 0, dx], [0, 1, dy]], np.float32), ink.shape[::-1])
    if kind > 0.6:
        cast = cv2.GaussianBlur(cast, (0, 0), reach * between(rng, 0.3, 1.0))
    return blend(picture, np.float32(tone), np.asarray(cast, np.uint8))


def _outline(
    rng: Rng, picture: Plane, ink: Mask, letters: Plane | np.float32, ground: float, contrast: float
) -> tuple[Plane, Plane | np.float32]:
    """Letters with an outline. If it contrasts with the ground, the fill may have any tone, even the ground's."""
    thick = 2 * whole(rng, 1, max(1, ink.shape[0] // 22)) + 1
    rim = np.asarray(cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (thick, thick))), np.uint8)
    if happens(rng, 0.5):  # a strong outline around a fill of any tone
        fill = np.float32(ground + contrast * between(rng, -0.3, 0.5))
        return blend(picture, letters, rim), fill
    return blend(picture, np.float32(ground - contrast * between(rng, 0.2, 0.6)), rim), letters


def _emboss(rng: Rng, picture: Plane, ink: Mask, contrast: float) -> Plane:
    """Raised or sunken letters in the tone of the ground: one side is lit, the other in shade."""
    reach = max(1, round(ink.shape[0] * between(rng, 0.02, 0.06)))
    lit, shaded = between(rng, 0.2, 0.8) * contrast, between(rng, 0.4, 0.9) * contrast
    for step, tone in ((reach, -shaded), (-reach, lit)) if happens(rng, 0.5) else ((reach, lit), (-reach, -shaded)):
        side = cv2.warpAffine(ink, np.array([[1, 0, step], [0, 1, step]], np.float32), ink.shape[::-1])
        picture = blend(picture, picture + np.float32(tone), np.asarray(side, np.uint8))
    return picture


def _light(rng: Rng, picture: Plane) -> Plane:
    """Adds a highlight, or a shadow that falls across the picture."""
    height, width = picture.shape
    if happens(rng, 0.5):
        x, y = between(rng, 0, width), between(rng, 0, height)
        radius = between(rng, 0.4, 1.5) * height
        columns = (np.arange(width, dtype=np.float32) - x) / radius
        rows = (np.arange(height, dtype=np.float32)[:, None] - y) / radius
        return picture + np.float32(between(rng, 25, 110)) * np.exp(-(columns**2 + rows**2))
    slope = between(rng, -1.5, 1.5)
    edge = between(rng, 0.1, 0.9) * width
    columns = np.arange(width, dtype=np.float32) + slope * np.arange(height, dtype=np.float32)[:, None]
    soft = between(rng, 0.5, 6)
    shade = 1 / (1 + np.exp(np.clip((columns - edge) / soft, -30, 30)))
    return picture * (1 - np.float32(between(rng, 0.2, 0.55)) * shade)
