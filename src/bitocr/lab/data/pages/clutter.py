"""Things that look like text but are not: rules, dashes, specks, hatching, barcodes, pen strokes, keys, leaves."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from bitocr.lab.data.pages.pens import logarithmic
from bitocr.lab.data.pages.sheet import Box, Sheet
from bitocr.lab.data.synth.chance import Weighted, between, happens, whole

Rng = np.random.Generator
Painter = Callable[[Rng, Sheet, Box, float], None]


def dashes(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """A row of dashes, dots, stars or equals signs, as on receipts and in tables of contents."""
    left, top, right, _ = box
    step = logarithmic(rng, 4, 26)
    long, thick = max(1, round(step * between(rng, 0.15, 0.85))), max(1, round(step * between(rng, 0.06, 0.35)))
    rows = 2 if happens(rng, 0.2) else 1
    x = float(left)
    while x < right:
        for row in range(rows):
            y = top + row * max(3, 3 * thick)
            sheet.fill((round(x), y, round(x) + long, y + thick), tone)
        x += step


def rule(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """One or two lines of any thickness."""
    left, top, right, bottom = box
    slope = rng.normal(0, 0.004) * (right - left)
    for row in range(2 if happens(rng, 0.15) else 1):
        sheet.stroke((left, top + 5 * row), (right, top + 5 * row + slope), tone, whole(rng, 1, 4))
    if happens(rng, 0.3):
        sheet.stroke((left, top), (left, bottom), tone, whole(rng, 1, 4))


def specks(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """Dust, staples, punched holes, blots."""
    left, top, right, bottom = box
    for _ in range(whole(rng, 3, 60)):
        x, y = between(rng, left, right), between(rng, top, bottom)
        size = round(logarithmic(rng, 0.6, 9)), round(logarithmic(rng, 0.6, 9))
        cv2.ellipse(sheet.pixels, (round(x), round(y)), size, between(rng, 0, 180), 0, 360, tone, -1)


def hatching(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """Parallel strokes in one or two directions: shading, fences, grids, blinds, bricks."""
    mask = np.zeros((max(4, box[3] - box[1]), max(4, box[2] - box[0])), np.uint8)
    height, width = mask.shape
    step, thick = logarithmic(rng, 4, 40), whole(rng, 1, 4)
    first = between(rng, 0, np.pi)
    for angle in (first, first + np.pi / 2)[: 2 if happens(rng, 0.5) else 1]:
        along = np.array([np.cos(angle), np.sin(angle)]) * (height + width)
        across = np.array([-along[1], along[0]]) / (height + width)
        for k in np.arange(-(height + width) / 2, (height + width) / 2, step):
            middle = np.array([width / 2, height / 2]) + across * k
            start, end = (middle - along).astype(int).tolist(), (middle + along).astype(int).tolist()
            cv2.line(mask, start, end, 255, thick, cv2.LINE_AA)
    sheet.ink(mask, box[0], box[1], tone)


def barcode(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """Bars, or the squares of a matrix code, on a light ground."""
    left, top, right, bottom = box
    width, height = max(20, min(right - left, 300)), max(20, min(bottom - top, 160))
    unit = whole(rng, 1, 6)
    is_matrix = happens(rng, 0.4)
    side = min(width, height)
    cells = rng.random((side // unit + 1, side // unit + 1) if is_matrix else (1, width // unit + 1)) < 0.5
    code = np.kron(cells, np.ones((unit, unit) if is_matrix else (height, unit))).astype(np.uint8) * 255
    sheet.fill((left - 8, top - 8, left + code.shape[1] + 8, top + len(code) + 8), 250)
    sheet.ink(code, left, top, min(tone, 90))


def scribble(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """A pen stroke that is not a letter: a tick, an underline, a circle, a strikethrough."""
    left, top, right, bottom = box
    points = rng.random((whole(rng, 3, 7), 2)) * [right - left, bottom - top] + [left, top]
    t, fine = np.arange(len(points)), np.linspace(0, len(points) - 1, 60)
    curve = np.stack([np.interp(fine, t, points[:, i]) for i in (0, 1)], -1)
    smooth = np.asarray(cv2.GaussianBlur(curve.astype(np.float32), (1, 9), 0), np.int32)
    cv2.polylines(sheet.pixels, [smooth], False, tone, whole(rng, 1, 4))


def keys(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """Rows of small boxes: keyboards, windows of a house, checkboxes, film strips."""
    left, top, right, bottom = box
    w, h = logarithmic(rng, 5, 50), logarithmic(rng, 5, 50)
    gap, radius = between(rng, 1.1, 2.0), between(rng, 0, 0.4) * min(w, h)
    is_filled = happens(rng, 0.6)
    y = float(top)
    while y + h < bottom:
        x = left + between(rng, 0, w)
        while x + w < right:
            place = round(x), round(y), round(x + w), round(y + h)
            ground = sheet.ground(place)
            sheet.fill(place, tone if is_filled else ground, radius, None if is_filled else tone)
            x += w * gap
        y += h * gap


def leaves(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """Many small ellipses in several grays: leaves, gravel, crowds."""
    left, top, right, bottom = box
    size = logarithmic(rng, 3, 25)
    for _ in range(min(400, round((right - left) * (bottom - top) / size**2 / 3))):
        centre = round(between(rng, left, right)), round(between(rng, top, bottom))
        axes = max(1, round(size * between(rng, 0.5, 1))), max(1, round(size * between(rng, 0.15, 0.5)))
        gray = float(np.clip(tone + rng.normal(0, 40), 0, 255))
        cv2.ellipse(sheet.pixels, centre, axes, between(rng, 0, 180), 0, 360, gray, -1, cv2.LINE_AA)


def emblem(rng: Rng, sheet: Sheet, box: Box, tone: float) -> None:
    """A disc, a ring, an arrow or a star: large and plain, but not a letter."""
    left, top, right, bottom = box
    radius = max(6, min(right - left, bottom - top) // 2)
    x, y = (left + right) // 2, (top + bottom) // 2
    if happens(rng, 0.4):
        cv2.circle(sheet.pixels, (x, y), radius, tone, whole(rng, 2, 1 + radius // 3) if happens(rng, 0.5) else -1)
        return
    if happens(rng, 0.4):
        points, start = 2 * whole(rng, 3, 8), between(rng, 0, np.pi)
        reach = np.where(np.arange(points) % 2, between(rng, 0.3, 0.9), 1.0) * radius
        angle = start + np.arange(points) * (2 * np.pi / points)
    else:
        angle = between(rng, 0, 2 * np.pi) + np.array([0, 0.5, 0.3, 2.9, -2.9, -0.3, -0.5])
        reach = np.array([1, 0.8, 0.6, 1, 1, 0.6, 0.8]) * radius
    corners = np.stack([x + reach * np.cos(angle), y + reach * np.sin(angle)], -1)
    cv2.fillPoly(sheet.pixels, [np.round(corners).astype(np.int32)], tone, cv2.LINE_AA)


ON_PAPER: Weighted[Painter] = Weighted(
    {dashes: 4.0, rule: 3.0, specks: 3.0, hatching: 1.0, barcode: 1.5, scribble: 2.0, keys: 0.7}
)
IN_SCENES: Weighted[Painter] = Weighted(
    {hatching: 3.0, keys: 3.0, leaves: 3.0, emblem: 3.0, scribble: 1.0, dashes: 0.7, barcode: 0.6}
)


def occupied(sheet: Sheet, box: Box) -> bool:
    """Whether the middle of any line lies in the box."""
    for line in sheet.lines:
        x, y = line.edges.reshape(-1, 2).T
        if x.min() < box[2] and x.max() > box[0] and y.min() < box[3] and y.max() > box[1]:
            return True
    return False


def scatter(rng: Rng, sheet: Sheet, painters: Weighted[Painter], count: int) -> None:
    """Draws `count` pieces of clutter where there is no text."""
    for _ in range(count):
        w, h = logarithmic(rng, 20, 400), logarithmic(rng, 8, 200)
        x, y = between(rng, -w / 2, sheet.width - w / 2), between(rng, -h / 2, sheet.height - h / 2)
        box = round(x), round(y), round(x + w), round(y + h)
        if occupied(sheet, (box[0] - 4, box[1] - 4, box[2] + 4, box[3] + 14)):
            continue
        ground = sheet.ground(box)
        tone = float(np.clip(ground + (1 if ground < 100 else -1) * between(rng, 30, 200), 0, 255))
        painters(rng)(rng, sheet, box, tone)
