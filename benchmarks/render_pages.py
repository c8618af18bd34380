"""Renders pages with texts in held-back faces on held-back photographs, to choose thresholds, scales and weights by.

    python benchmarks/render_pages.py OUT [--count N] [--seed S]
    bitocr eval --pages OUT/scene/pages.json

OUT receives a folder for each kind of page: scenes, receipts, forms and documents in Latin script, documents in
handwriting faces only (hand), and zh_scene. Scenes are enlarged by up to two, since letters in photographs are large.
Lines that leave the page or are illegible are marked to be ignored.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bitocr.inspect.pages.score import UNREADABLE
from bitocr.lab.data.pages.lines import Line
from bitocr.lab.data.pages.pens import Pen, Pens, logarithmic
from bitocr.lab.data.pages.renderer import PageRenderer, RenderedPage

KINDS = ("scene", "receipt", "form", "document", "hand", "zh_scene")
LARGEST = 2.0
"""Magnification of scenes."""
BENT = 0.35
"""How far a line's middle may be from the straight line between its ends, in heights of the line."""


class OneScript(Pens):
    """Pens of a single script."""

    def __init__(self, is_han: bool) -> None:
        super().__init__("validation")
        self.is_han = is_han

    def pen(self, rng: np.random.Generator, role: str, size: float, han: bool = False) -> Pen:
        return super().pen(rng, role, size, self.is_han)

    def hand(self, rng: np.random.Generator, size: float) -> Pen:
        return self.pen(rng, "scene", size) if self.is_han else super().hand(rng, size)


class Hands(OneScript):
    """Pens of handwriting only."""

    def __init__(self) -> None:
        super().__init__(is_han=False)

    def pen(self, rng: np.random.Generator, role: str, size: float, han: bool = False) -> Pen:
        return self.hand(rng, max(size, 18)) if self._scripts else super().pen(rng, role, size, han)


def item_of(line: Line, scale: float, width: int, height: int) -> dict[str, Any]:
    edges = line.edges * scale
    middle = edges.mean(1)
    tall = float(np.median(np.hypot(*(edges[:, 1] - edges[:, 0]).T)))
    bend = np.abs(middle - np.linspace(middle[0], middle[-1], len(middle))).max()
    quad = np.stack([edges[0, 0], edges[-1, 0], edges[-1, 1], edges[0, 1]])
    inside = quad.min() >= -0.1 * tall and (quad.max(0) <= np.array([width, height]) + 0.1 * tall).all()
    is_read = line.legible and line.text and inside and bend < BENT * tall
    return {"text": line.text if is_read else UNREADABLE, "quad": [[round(float(v), 1) for v in p] for p in quad]}


def write_page(folder: Path, number: int, page: RenderedPage, scale: float) -> dict[str, Any]:
    pixels = page.pixels
    if scale > 1:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    height, width = pixels.shape
    name = f"pages/{number:04}.jpg"
    cv2.imwrite(str(folder / name), pixels, [cv2.IMWRITE_JPEG_QUALITY, 90])
    items = [item_of(line, scale, width, height) for line in page.lines]
    return {"image": name, "width": width, "height": height, "items": items}


def write_set(folder: Path, kind: str, count: int, seed: int, pens: Pens) -> None:
    (folder / "pages").mkdir(parents=True, exist_ok=True)
    layout = {"hand": "document"}.get(kind, kind.removeprefix("zh_"))
    renderer = PageRenderer(seed, "validation", {layout: 1.0}, pens=pens)
    rng = np.random.default_rng(seed)
    pages = []
    for number in range(count):
        scale = logarithmic(rng, 1, LARGEST) if layout == "scene" else 1.0
        pages.append(write_page(folder, number, renderer.render(number), scale))
    (folder / "pages.json").write_text(json.dumps(pages, ensure_ascii=False), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=50, help="Pages of each kind.")
    parser.add_argument("--seed", type=int, default=2_000_003)
    parser.add_argument("--kind", action="append", choices=KINDS, help="These alone.")
    arguments = parser.parse_args()
    for kind in arguments.kind or KINDS:
        pens = Hands() if kind == "hand" else OneScript(kind.startswith("zh"))
        write_set(arguments.out / kind, kind, arguments.count, arguments.seed, pens)


if __name__ == "__main__":
    main()
