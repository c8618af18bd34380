"""Turns a sheet into a photograph or scan of it: its position, the light, lenses, scanners, codecs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages import grounds
from bitocr.lab.data.pages.lines import Points
from bitocr.lab.data.pages.pens import logarithmic
from bitocr.lab.data.pages.sheet import Box, Sheet
from bitocr.lab.data.synth.chance import between, happens, pick, whole
from bitocr.lab.data.synth.textures import textures

Rng = np.random.Generator
Matrix = NDArray[np.float64]
Plane = NDArray[np.float32]
Gray = NDArray[np.uint8]


def moved(matrix: Matrix, points: Points) -> Points:
    """Maps points [N, 2] by a homography."""
    full = np.c_[points, np.ones(len(points))] @ matrix.T
    return np.asarray(full[:, :2] / full[:, 2:], np.float32)


def warp_box(matrix: Matrix, corners: Points, width: int, height: int) -> tuple[Box, Matrix] | None:
    """The box of a picture that the mapped corners [4, 2] cover, and the homography into it; None if it is empty."""
    at = moved(matrix, corners)
    left, top = np.maximum(np.floor(at.min(0)), 0).astype(int)
    right, bottom = np.minimum(np.ceil(at.max(0)), [width, height]).astype(int)
    if right - left < 2 or bottom - top < 2:
        return None
    shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1.0]])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1.0]])  # opencv's coordinates refer to pixel centres
    return (left, top, right, bottom), np.linalg.inv(half) @ shift @ matrix @ half


def lay(rng: Rng, sheet: Sheet, kind: str, split: str) -> Sheet:
    """Places the sheet before the camera or on the scanner's glass."""
    if kind in ("scene", "screen"):
        return turned(rng, sheet, rng.normal(0, 2), 0.3, split) if happens(rng, 0.15) else sheet
    draw = rng.random()
    if draw < 0.35:
        return sheet
    if draw < 0.62:
        return turned(rng, sheet, rng.normal(0, 1.3), 0.0, split)
    angle = float(np.clip(rng.normal(0, 7), -20, 20)) + (pick(rng, (90, 270, 180)) if happens(rng, 0.08) else 0)
    return turned(rng, sheet, angle, 1.0, split)


def turned(rng: Rng, sheet: Sheet, angle: float, depth: float, split: str) -> Sheet:
    """Turns the sheet by `angle` degrees on a table or scanner lid; `depth` adds perspective and bends it."""
    size = sheet.width
    matrix = _view(rng, size, angle, depth)
    bend = rng.normal(0, 0.02) * size * depth if happens(rng, 0.4) else 0.0
    period = between(rng, 0.5, 1.5) * np.pi / size

    def forward(points: Points) -> Points:
        bent = points.copy()
        bent[:, 1] += bend * np.sin(points[:, 0] * period)
        return moved(matrix, bent)

    pixels, inside = _seen(sheet.pixels, np.asarray(np.linalg.inv(matrix), np.float64), bend, period)
    if not inside.all():
        around = _surroundings(rng, sheet, depth, split)
        pixels = np.where(inside, pixels, around)
    laid = Sheet(pixels)
    laid.lines = [line.mapped(forward) for line in sheet.lines]
    return laid


def _view(rng: Rng, size: int, angle: float, depth: float) -> Matrix:
    a, scale = np.deg2rad(angle), between(rng, 0.85, 1.15) if depth else between(rng, 0.97, 1.1)
    tilt = rng.normal(0, 0.12, 2) * depth / size
    shift = rng.normal(0, 0.03, 2) * size * depth
    centre = np.array([[1, 0, -size / 2], [0, 1, -size / 2], [0, 0, 1.0]])
    cos, sin = np.cos(a) * scale, np.sin(a) * scale
    project = np.array([[cos, -sin, 0], [sin, cos, 0], [*tilt, 1.0]])
    return np.array([[1, 0, size / 2 + shift[0]], [0, 1, size / 2 + shift[1]], [0, 0, 1.0]]) @ project @ centre


def _seen(pixels: Plane, inverse: Matrix, bend: float, period: float) -> tuple[Plane, NDArray[np.bool_]]:
    """Resamples the sheet for each pixel of the picture. Also returns which pixels lie on the sheet."""
    size = len(pixels)
    x, y = np.meshgrid(np.arange(size, dtype=np.float32) + 0.5, np.arange(size, dtype=np.float32) + 0.5)
    m = inverse.astype(np.float32)
    depth = 1 / (m[2, 0] * x + m[2, 1] * y + m[2, 2])
    sx, sy = (m[0, 0] * x + m[0, 1] * y + m[0, 2]) * depth, (m[1, 0] * x + m[1, 1] * y + m[1, 2]) * depth
    if bend:
        sy -= np.float32(bend) * np.sin(sx * np.float32(period))
    inside = (sx >= 0) & (sy >= 0) & (sx < size) & (sy < size)
    seen = cv2.remap(pixels, sx - 0.5, sy - 0.5, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(seen, np.float32), inside


def _surroundings(rng: Rng, sheet: Sheet, depth: float, split: str) -> Plane:
    size = sheet.width
    if depth and happens(rng, 0.7):
        return grounds.scene(rng, size, size, split)
    tone = float(np.median(sheet.pixels[::8, ::8])) if happens(rng, 0.6) else between(rng, 0, 255)
    return np.full((size, size), tone, np.float32)


def shine_through(rng: Rng, pixels: Plane) -> Plane:
    """Adds faint, blurred print from the other side."""
    other = cv2.GaussianBlur(np.roll(pixels[:, ::-1], whole(rng, -60, 60), 0), (0, 0), between(rng, 0.8, 2.5))
    weak = (float(np.median(other[::8, ::8])) - other) * np.float32(between(rng, 0.05, 0.25))
    return np.asarray(pixels - np.maximum(weak, 0), np.float32)


def fold(rng: Rng, pixels: Plane) -> Plane:
    """Adds a fold: one side of a line becomes lighter than the other, with an edge between."""
    size = len(pixels)
    at, width = between(rng, 0, size), between(rng, 2, 12)
    x = np.arange(size, dtype=np.float32) - np.float32(at)
    light = np.tanh(x / np.float32(width)) * np.float32(between(rng, -18, 18))
    light -= np.exp(-((x / 1.5) ** 2)) * np.float32(between(rng, -10, 40))
    return pixels + (light[None] if happens(rng, 0.5) else light[:, None])


def two_level(rng: Rng, pixels: Plane) -> Plane:
    """Binarizes to black and white, with specks, as in old scans and faxes."""
    middle = float(np.median(pixels[::4, ::4]))
    level = middle * between(rng, 0.55, 0.9) if middle > 128 else min(254.0, middle + between(rng, 25, 90))
    black = pixels < level
    if happens(rng, 0.5):
        rate = logarithmic(rng, 1e-5, 4e-3)
        black ^= grounds.tiled(rng, textures().noise, *pixels.shape) > _quantile(rate)
    return np.where(black, np.float32(0), np.float32(255))


def _quantile(rate: float) -> float:
    """Roughly the value that this share of normal noise exceeds."""
    return float(np.sqrt(max(0.1, -2 * np.log(rate * 3))))


def light(rng: Rng, pixels: Plane) -> Plane:
    amount = between(rng, 0, 0.45)
    height, width = pixels.shape
    return pixels * (1 + grounds.smooth(rng, height, width, whole(rng, 2, 3)) * np.float32(amount))


def soften(rng: Rng, image: Gray, most: float) -> Gray:
    """Adds focus blur or motion blur."""
    if happens(rng, 0.12):
        length = whole(rng, 2, 7)
        kernel = np.zeros((length, length), np.float32)
        end = (length - 1, 0) if happens(rng, 0.6) else (whole(rng, 0, length - 1), length - 1)
        cv2.line(kernel, (0, 0), end, 1.0)
        return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum()), np.uint8)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), between(rng, 0.3, most)), np.uint8)


def coarsen(rng: Rng, image: Gray) -> Gray:
    """Scales down and up again, which loses detail."""
    height, width = image.shape
    scale = between(rng, 0.45, 0.9)
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    how = cv2.INTER_NEAREST if happens(rng, 0.1) else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(small, (width, height), interpolation=how), np.uint8)


def jpeg(rng: Rng, image: Gray) -> Gray:
    _, code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, whole(rng, 20, 92)])
    return np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)


def take(rng: Rng, pixels: Plane, kind: str) -> Gray:
    """The picture, uint8."""
    is_paper = kind not in ("scene", "screen")
    if is_paper and happens(rng, 0.08):
        pixels = shine_through(rng, pixels)
    if is_paper and happens(rng, 0.1):
        pixels = fold(rng, pixels)
    if happens(rng, 0.3 if kind != "screen" else 0.1):
        pixels = light(rng, pixels)
    image = np.clip(pixels, 0, 255).astype(np.uint8)
    if happens(rng, 0.05):
        image = 255 - image
    if happens(rng, 0.4 if kind != "screen" else 0.15):
        image = soften(rng, image, 1.8 if kind == "scene" else 1.3)
    if happens(rng, 0.2):
        image = coarsen(rng, image)
    if happens(rng, 0.35 if kind != "screen" else 0.1):
        strength = np.float32(between(rng, 1, 14))
        noisy = image + grounds.tiled(rng, textures().noise, *image.shape) * strength
        image = np.clip(noisy, 0, 255).astype(np.uint8)
    if is_paper and happens(rng, 0.22):
        image = two_level(rng, image.astype(np.float32)).astype(np.uint8)
    return jpeg(rng, image) if happens(rng, 0.5) else image
