"""Pictures without text: one tone, gradients, textures, noise, clutter, rules, and parts of drawings."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from bitocr.lab.data.synth import scene
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole
from bitocr.lab.data.synth.effects import CAMERA, SCANNER, degrade
from bitocr.lab.data.synth.textures import Plane, textures

Rng = np.random.Generator
Mask = scene.Mask
Shape = tuple[int, int]
Drawing = Callable[[Rng, Shape, float], Plane]


def _flat(rng: Rng, shape: Shape, ground: float) -> Plane:
    return np.zeros(shape, np.float32)


def _noise(rng: Rng, shape: Shape, ground: float) -> Plane:
    return textures().white(rng, shape) * np.float32(between(rng, 0.5, 40))


def _slope(rng: Rng, shape: Shape, ground: float) -> Plane:
    return scene.gradient(rng, shape, between(rng, 10, 250))


def _cloud(rng: Rng, shape: Shape, ground: float) -> Plane:
    return textures().cloud(rng, shape) * np.float32(between(rng, 1, 60))


def _grain(rng: Rng, shape: Shape, ground: float) -> Plane:
    return textures().grain(rng, shape) * np.float32(between(rng, 1, 60))


def _clutter(rng: Rng, shape: Shape, ground: float) -> Plane:
    """Edges between patches, soft or sharp, as in a photograph."""
    plane = textures().shapes(rng, shape) * np.float32(between(rng, 10, 70))
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), between(rng, 0.5, 6)) if happens(rng, 0.6) else plane, np.float32)


def _step(rng: Rng, shape: Shape, ground: float) -> Plane:
    plane = scene.panels(rng, shape, 255)
    return plane + scene.panels(rng, shape, 255) if happens(rng, 0.4) else plane


def _rules(rng: Rng, shape: Shape, ground: float) -> Plane:
    """A few rules from edge to edge."""
    plane = np.zeros(shape, np.float32)
    for _ in range(pick(rng, (1, 1, 1, 2, 2, 3))):
        thick, axis = whole(rng, 1, max(1, shape[0] // 10)), int(happens(rng, 0.4))
        at = whole(rng, 0, max(0, shape[axis] - thick))
        (plane if axis == 0 else plane.T)[at : at + thick] = 255 - 2 * ground
    return plane


def _strokes(rng: Rng, shape: Shape, ground: float) -> Plane:
    """Long lines and arcs of a drawing, cut off by the crop."""
    height, width = shape
    plane = np.zeros(shape, np.float32)
    tone, thick = 255 - 2 * ground, whole(rng, 1, max(1, height // 9))
    for _ in range(whole(rng, 1, 4)):
        if happens(rng, 0.5):
            ends = [(whole(rng, -width, 2 * width), pick(rng, (-height, 2 * height))) for _ in range(2)]
            cv2.line(plane, ends[0], ends[1], tone, thick, cv2.LINE_AA)
        else:
            centre = whole(rng, -width // 2, 3 * width // 2), whole(rng, -2 * height, 3 * height)
            cv2.circle(plane, centre, whole(rng, height, 4 * height), tone, thick, cv2.LINE_AA)
    return plane


def _polygons(rng: Rng, shape: Shape, ground: float) -> Plane:
    """Outlines and surfaces of shapes much larger than the crop."""
    height, width = shape
    plane = np.zeros(shape, np.float32)
    for _ in range(whole(rng, 1, 5)):
        corners = [
            (whole(rng, -width, 2 * width), whole(rng, -3 * height, 4 * height)) for _ in range(whole(rng, 3, 6))
        ]
        outline, tone = [np.array(corners, np.int32)], between(rng, -1, 1) * 200
        if happens(rng, 0.5):
            cv2.fillPoly(plane, outline, tone, cv2.LINE_AA)
        else:
            cv2.polylines(plane, outline, happens(rng, 0.5), tone, whole(rng, 1, 4), cv2.LINE_AA)
    return plane


def _hatching(rng: Rng, shape: Shape, ground: float) -> Plane:
    """Parallel lines at any angle, evenly spaced or not, as in fences, cloth and engravings."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    angle = between(rng, 0, np.pi)
    along = columns * np.float32(np.cos(angle)) + rows * np.float32(np.sin(angle))
    along += textures().cloud(rng, shape) * np.float32(between(rng, 0, 4) if happens(rng, 0.5) else 0)
    wave = np.sin(along * np.float32(2 * np.pi / between(rng, 2.5, 30)))
    return np.asarray(
        (wave > between(rng, -0.5, 0.9) if happens(rng, 0.5) else wave) * between(rng, 10, 120), np.float32
    )


def _mixture(rng: Rng, shape: Shape, ground: float) -> Plane:
    """The sum of two drawings, each at 60 %."""
    return _DRAWINGS(rng)(rng, shape, ground) * np.float32(0.6) + _DRAWINGS(rng)(rng, shape, ground) * np.float32(0.6)


_DRAWINGS: Weighted[Drawing] = Weighted({
    _flat: 5, _noise: 13, _slope: 6, _cloud: 14, _grain: 7, _clutter: 17, _step: 5, _rules: 7, _strokes: 9,
    _polygons: 12, _hatching: 9, _mixture: 16,
})  # fmt: skip


def blank(rng: Rng, dirt: float = 1.0) -> tuple[Mask, str]:
    """A gray picture [12..64, 8..780] and its empty text."""
    height = whole(rng, 12, 64)
    shape = height, max(8, round(height * np.exp(between(rng, -0.5, 2.5))))
    ground = pick(rng, (0.0, 255.0, *(between(rng, 0, 255) for _ in range(3))))
    picture = np.float32(ground) + _DRAWINGS(rng)(rng, shape, ground)
    if happens(rng, 0.4):
        picture += textures().white(rng, shape) * np.float32(between(rng, 0.3, 8))
    return degrade(rng, scene.to_gray(picture), pick(rng, (CAMERA, SCANNER)), dirt), ""
