"""Renders a page from a seed and an index."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.pages import camera, clutter
from bitocr.lab.data.pages.document import document
from bitocr.lab.data.pages.form import form
from bitocr.lab.data.pages.lines import Line
from bitocr.lab.data.pages.pens import Pens
from bitocr.lab.data.pages.real import Place, RealLines
from bitocr.lab.data.pages.receipt import receipt
from bitocr.lab.data.pages.scene import scene
from bitocr.lab.data.pages.screen import screen
from bitocr.lab.data.pages.sheet import Sheet
from bitocr.lab.data.synth.chance import Weighted, happens, whole

Rng = np.random.Generator
SIZE = 768
"""The side of a rendered page in pixels: a window on a larger page."""

LAYOUTS: dict[str, Callable[[Rng, Pens, int, str], Sheet]] = {
    "document": document,
    "form": form,
    "receipt": receipt,
    "screen": screen,
    "scene": scene,
}
SHARES = {"document": 21.0, "form": 24.0, "receipt": 12.0, "screen": 14.0, "scene": 29.0}
_CLUTTERED = 0.35
_FAINTEST, _FEWEST = 12, 0.02
"""The least contrast of ink in grays, and the least share of a line's box that has such ink."""


@dataclass(frozen=True)
class RenderedPage:
    """A picture uint8 [SIZE, SIZE] and its lines, which may reach beyond it."""

    kind: str
    pixels: NDArray[np.uint8]
    lines: list[Line]


class PageRenderer:
    """Renders pages by index.

    Args:
        seed: with the same fonts and backgrounds, `render(index)` depends only on the seed and the index.
        split: the split of faces and backgrounds: "training", "validation" or "all".
        shares: the share of each layout.
        real: crops of real lines to paste in.
        pens: the pens to write with; None opens those of the split, with `real`.
    """

    def __init__(
        self,
        seed: int = 0,
        split: str = "all",
        shares: Mapping[str, float] = SHARES,
        real: Mapping[Place, RealLines] | None = None,
        pens: Pens | None = None,
    ) -> None:
        self.seed, self.split, self.pens = seed, split, pens or Pens(split, real)
        self._kinds = Weighted(shares)

    def render(self, index: int) -> RenderedPage:
        rng = np.random.default_rng([self.seed, index])
        kind = self._kinds(rng)
        sheet = LAYOUTS[kind](rng, self.pens, SIZE, self.split)
        if kind not in ("scene", "screen") and happens(rng, _CLUTTERED):
            clutter.scatter(rng, sheet, clutter.ON_PAPER, whole(rng, 1, 5))
        sheet = camera.lay(rng, sheet, kind, self.split)
        pixels = camera.take(rng, sheet.pixels, kind)
        return RenderedPage(kind, pixels, [shown(line, pixels) for line in sheet.lines if seen(line)])


def seen(line: Line) -> bool:
    """Whether any part of the line is in the picture."""
    points = line.edges.reshape(-1, 2)
    return bool((points.max(0) > 0).all() and (points.min(0) < SIZE).all())


def shown(line: Line, pixels: NDArray[np.uint8]) -> Line:
    """The line, marked as illegible if the camera or scanner left no ink of it."""
    points = line.edges.reshape(-1, 2)
    (left, top), (right, bottom) = np.maximum(points.min(0), 0).astype(int), np.ceil(points.max(0)).astype(int)
    part = pixels[top:bottom, left:right].astype(np.int16)
    if part.size and (np.abs(part - np.median(part)) > _FAINTEST).mean() >= _FEWEST:
        return line
    return replace(line, legible=False)
