"""Places text in the picture: shear, rotation, perspective and crop, in one warp."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.synth.chance import between, happens
from bitocr.lab.data.synth.layout import Ink

Rng = np.random.Generator
Mask = NDArray[np.uint8]


@dataclass
class Margins:
    """How far the picture reaches beyond the text's box, in heights of the text. Negative margins cut into letters."""

    left: float
    top: float
    right: float
    bottom: float


def scene_margins(rng: Rng) -> Margins:
    """Mostly a small margin on each side; sometimes tight or wide margins, or a side that cuts into the letters."""
    base = 0.04 + abs(rng.normal(0.0, 0.17)) if happens(rng, 0.88) else between(rng, 0.25, 0.7)
    sides = [base * between(rng, 0.3, 1.4) for _ in range(4)]
    if happens(rng, 0.10):
        sides[int(rng.random() * 4)] = -between(rng, 0.0, 0.08)
    return Margins(*sides)


def document_margins(rng: Rng) -> Margins:
    """Margins of line boxes: close to the text, sometimes up to half a line."""
    wide = 0.6 if happens(rng, 0.2) else 0.25
    return Margins(*(between(rng, -0.02, wide) for _ in range(4)))


def scene_matrix(rng: Rng, width: int, height: int) -> NDArray[np.float64]:
    """A 3x3 homography of the text's box; the identity in more than half of all cases."""
    matrix = np.eye(3)
    if happens(rng, 0.2):
        matrix[0, 1] = between(rng, -0.35, 0.35)
    if happens(rng, 0.38):
        angle = float(np.clip(rng.normal(0, 3.5), -14, 14)) * np.pi / 180
        if width < 1.6 * height:
            angle *= 1.5
        if happens(rng, 0.12):
            most = min(0.6, np.arctan2(1.2 * height, width))  # at a larger angle a long word would be too small to read
            angle = between(rng, -most, most)
        cosine, sine = np.cos(angle), np.sin(angle)
        matrix = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]]) @ matrix
    if happens(rng, 0.22):
        matrix = _perspective(rng, width, height) @ matrix
    return matrix


def _perspective(rng: Rng, width: int, height: int) -> NDArray[np.float64]:
    """Each corner of the box moves by up to a fifth of the height, and one end shrinks by up to a third."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.1, 0.1, (4, 2)).astype(np.float32) * height
    shrink = between(rng, 0, 0.18) * height
    ends = (0, 3) if happens(rng, 0.5) else (1, 2)
    moved[ends[0], 1] += shrink
    moved[ends[1], 1] -= shrink
    return np.asarray(cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), np.float64)


def scan_matrix(rng: Rng, width: int, height: int) -> NDArray[np.float64]:
    """A slightly skewed scan: the ends of the line rise by up to a fifth of its height."""
    matrix = np.eye(3)
    if happens(rng, 0.5):
        matrix[1, 0] = float(np.clip(rng.normal(0, 0.05), -0.2, 0.2)) * height / max(width, height)
    if happens(rng, 0.15):
        matrix[0, 1] = between(rng, -0.12, 0.12)
    return matrix


def place(ink: Ink, matrix: NDArray[np.float64], margins: Margins) -> Mask:
    """Warps the ink and cuts out the text's bounding box with its margins, at least 8x4 pixels."""
    left, top, right, bottom = ink.box
    height = bottom - top
    matrix = matrix @ np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]])
    corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)
    warped = cv2.perspectiveTransform(corners, matrix)[0]
    x0, y0 = warped.min(axis=0) - np.multiply((margins.left, margins.top), height)
    x1, y1 = warped.max(axis=0) + np.multiply((margins.right, margins.bottom), height)
    size = max(4, round(x1 - x0)), max(8, round(y1 - y0))
    if np.array_equal(matrix[:, :2], np.eye(3)[:, :2]):  # a translation
        return _cut(ink.mask, round(x0) + left, round(y0) + top, size)
    shift = np.array([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]])
    return np.asarray(cv2.warpPerspective(ink.mask, shift @ matrix, size, flags=cv2.INTER_LINEAR), np.uint8)


def _cut(mask: Mask, x: int, y: int, size: tuple[int, int]) -> Mask:
    """A window of the mask, zero outside it. Without resampling, letters stay as sharp as drawn."""
    width, height = size
    out = np.zeros((height, width), np.uint8)
    part = mask[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
    out[max(0, -y) : max(0, -y) + part.shape[0], max(0, -x) : max(0, -x) + part.shape[1]] = part
    return out


def turned(rng: Rng, width: int, height: int) -> NDArray[np.float64]:
    """A turn of up to 15 degrees, less if the text would become too small; sometimes with shear or perspective."""
    most = min(15 * np.pi / 180, np.arctan2(2.4 * height, width))
    angle = between(rng, -most, most)
    cosine, sine = np.cos(angle), np.sin(angle)
    matrix = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])
    if happens(rng, 0.25):
        matrix = matrix @ np.array([[1, between(rng, -0.35, 0.35), 0], [0, 1, 0], [0, 0, 1.0]])
    return _perspective(rng, width, height) @ matrix if happens(rng, 0.25) else matrix


def slanted(rng: Rng, width: int, height: int) -> NDArray[np.float64]:
    """Strong perspective: one end shrinks by up to two thirds, the other moves up or down, each corner a little."""
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-0.14, 0.14, (4, 2)).astype(np.float32) * height
    near, far = ((0, 3), (1, 2)) if happens(rng, 0.5) else ((1, 2), (0, 3))
    shrink = between(rng, 0.05, 0.33) * height
    moved[near[0], 1] += shrink
    moved[near[1], 1] -= shrink
    moved[list(far), 1] += between(rng, -0.3, 0.3) * height
    return np.asarray(cv2.getPerspectiveTransform(corners, moved.astype(np.float32)), np.float64)


def wide_margins(rng: Rng) -> Margins:
    """Margins of up to two heights at the sides, and nearly one above and below."""
    return Margins(*(between(rng, 0.1, most) for most in (2.2, 0.9, 2.2, 0.9)))
