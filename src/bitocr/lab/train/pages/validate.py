"""Scores a detector's maps on rendered pages in held-back typefaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from bitocr.lab.config.pages import PageRecipe
from bitocr.lab.data.pages.renderer import PageRenderer
from bitocr.lab.data.pages.shards import PAGES, StoredPage, archive_path, unpack, write_archive
from bitocr.lab.data.pages.targets import ALONG, GAP, HEIGHT, KERNEL, KNOWN, TEXT, Maps, targets
from bitocr.lab.nn.detector import Detector

SEED = 1_000_003
"""The seed of the validation pages."""
OVERLAP = 0.5
"""The least intersection over union of two kernels' cells for a line to count as found."""


@dataclass(frozen=True)
class PageScore:
    """A detector's scores on pages; shares from 0 to 1.

    Attributes:
        lines: F1 of the kernels; one is right if its intersection over union with a true one is 0.5 or more.
        cells: F1 of the kernels' cells.
        height: mean absolute error of log2 of the height.
        gaps: share of cells along lines that are rightly classified as word or gap.
    """

    lines: float
    cells: float
    height: float
    gaps: float


def validation_pages(recipe: PageRecipe) -> list[StoredPage]:
    """The validation pages of a recipe. Renders those that are missing."""
    folder, count = recipe.folder / "validation", recipe.data.validation
    pages: list[StoredPage] = []
    renderer: PageRenderer | None = None
    for number in range(-(-count // PAGES)):
        if not archive_path(folder, number).exists():
            renderer = renderer or PageRenderer(SEED, "validation")
            write_archive(folder, renderer, number)
        pages += unpack(archive_path(Path(folder), number))
    return pages[:count]


def components(cells: NDArray[np.bool_]) -> tuple[int, NDArray[np.int32]]:
    count, labels = cv2.connectedComponents(cells.astype(np.uint8), connectivity=8)
    return count, np.asarray(labels, np.int32)


def matches(found: NDArray[np.bool_], wanted: NDArray[np.bool_], known: NDArray[np.bool_]) -> tuple[int, int, int]:
    """The numbers of lines rightly found, found, and wanted. Finds that lie mostly in unknown cells do not count."""
    (n, ours), (m, theirs) = components(found), components(wanted)
    joint = np.zeros((n, m), np.int64)
    np.add.at(joint, (ours, theirs), 1)
    sizes, truths = joint.sum(1), joint.sum(0)
    union = sizes[:, None] + truths[None] - joint
    right = int((joint[1:, 1:] >= OVERLAP * union[1:, 1:]).sum())
    unknown = np.bincount(ours[~known], minlength=n)[1:] > 0.5 * sizes[1:]
    return right, n - 1 - int(unknown.sum()), m - 1


class PageValidation:
    """Validation pages in memory, at their own scale; `score_net` scores a network on them."""

    def __init__(self, pages: Sequence[StoredPage]) -> None:
        self.images = [page.pixels for page in pages]
        sides = [len(image) for image in self.images]
        self.truths: list[Maps] = [
            targets(page.edges, page.words, page.legible, side) for page, side in zip(pages, sides, strict=True)
        ]

    @torch.no_grad()
    def score_net(self, net: Detector, device: str = "cpu") -> PageScore:
        training = net.training
        net.eval()
        counts, sums = np.zeros(3), np.zeros(8)
        for image, truth in zip(self.images, self.truths, strict=True):
            x = (torch.from_numpy(image.astype(np.float32))[None, None] - 128) / 32
            maps = net(x.to(device).contiguous(memory_format=torch.channels_last))[0].float().cpu().numpy()
            one_count, one_sum = score_maps(maps, truth)
            counts, sums = counts + one_count, sums + one_sum
        net.train(training)
        return summary(counts, sums)


def score_maps(maps: NDArray[np.float32], truth: Maps) -> tuple[NDArray, NDArray]:
    """The counts of a page that `summary` adds up, for maps [3, H, W]."""
    known = truth[KNOWN] > 0
    found, wanted = (maps[0] > 0) & known, truth[KERNEL] > 0
    boxes, along = (truth[TEXT] > 0) & known & wanted, (truth[ALONG] > 0) & known
    error = float(np.abs(maps[1] - truth[HEIGHT])[boxes].sum())
    right = int(((maps[2] > 0) == (truth[GAP] > 0))[along].sum())
    cells = [int((found & wanted).sum()), int(found.sum()), int((wanted & known).sum())]
    sums = np.array([*cells, error, int(boxes.sum()), right, int(along.sum()), 0])
    return np.array(matches(maps[0] > 0, wanted, known)), sums


def summary(counts: NDArray, sums: NDArray) -> PageScore:
    right, found, wanted = counts
    return PageScore(
        lines=2 * right / max(1, found + wanted),
        cells=2 * sums[0] / max(1, sums[1] + sums[2]),
        height=sums[3] / max(1, sums[4]),
        gaps=sums[5] / max(1, sums[6]),
    )
