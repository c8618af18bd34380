"""The cost of noise: the number and length of the lines that are found in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bitocr import Reader
from bitocr.io.images import load
from bitocr.page import Page

DENSE = np.ascontiguousarray(load(Path(__file__).parent / "data" / "pages" / "document.gif")[..., 0])
MOST = 3
"""Times as much as a dense page."""
Rng = np.random.Generator


def specks(rng: Rng) -> NDArray[np.uint8]:
    out = np.full_like(DENSE, 255)
    for y, x in rng.integers(0, min(DENSE.shape) - 3, (8000, 2)):
        out[y : y + 3, x : x + 3] = 0
    return out


def dashes(rng: Rng) -> NDArray[np.uint8]:
    """Noise that looks like text: rows of short strokes, with the height and pitch of small print."""
    cells = np.where(rng.random((DENSE.shape[0] // 10 + 1, DENSE.shape[1] // 3 + 1)) < 0.5, 0, 255)
    cells[::2] = 255
    return np.kron(cells, np.ones((10, 3)))[: DENSE.shape[0], : DENSE.shape[1]].astype(np.uint8)


NOISE: dict[str, Callable[[Rng], NDArray[np.uint8]]] = {
    "every pixel": lambda rng: rng.integers(0, 256, DENSE.shape, np.uint8),
    "specks": specks,
    "dashes": dashes,
}


def work(page: Page) -> float:
    """The number of lines, and their lengths in heights: roughly the cost of reading them."""
    quads = np.array([line.quad for line in page.lines]).reshape(-1, 4, 2)
    length, height = (np.hypot(*(quads[:, at] - quads[:, 0]).T) for at in (1, 3))
    return float((1 + length / height).sum())


@pytest.mark.parametrize("name", NOISE)
def test_noise_costs_no_more_than_some_dense_pages(name: str) -> None:
    reader = Reader("english")
    image = NOISE[name](np.random.default_rng(0))
    assert work(reader.find(image)) <= MOST * work(reader.find(DENSE))
    assert reader.read(image).lines == []
