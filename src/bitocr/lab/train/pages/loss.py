"""The losses of a detector.

Few cells of a map are text. So the cross entropy takes only the hardest other cells, three for each cell of text, as
DB does (arXiv:1911.08947). A dice loss is added, which does not depend on that balance. Heights count only inside boxes
of text, gaps only along lines.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from bitocr.lab.data.pages.targets import ALONG, GAP, HEIGHT, KERNEL, KNOWN, TEXT
from bitocr.lab.nn.detector import MAPS

HARDEST = 3
"""Cells without text taken for each cell of text."""
FEWEST = 2000
"""The least number of cells without text taken from a batch."""
SMOOTH = 20.0
WEIGHTS = {"kernel": 1.0, "text": 0.5, "height": 0.5, "gap": 0.5}
"""The weights of the terms of `losses`."""


def balanced(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """Cross entropy of cells [...]: all cells of text, and the hardest of the others."""
    each = F.binary_cross_entropy_with_logits(logits, truth, reduction="none") * known
    positive, count = (each * truth).sum(), int((truth * known).sum())
    negative = (each * (1 - truth)).flatten()
    taken = min(max(HARDEST * count, FEWEST), negative.numel())
    return (positive + negative.topk(taken).values.sum()) / (count + taken)


def dice(logits: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """1 - the dice overlap of cells [N, H, W], the mean over the images."""
    found, wanted = torch.sigmoid(logits) * known, truth * known
    both, either = (found * wanted).sum((1, 2)), (found + wanted).sum((1, 2))
    return (1 - (2 * both + SMOOTH) / (either + SMOOTH)).mean()


def mean_where(values: Tensor, where: Tensor) -> Tensor:
    return (values * where).sum() / where.sum().clamp(min=1)


def losses(maps: Tensor, text: Tensor, truth: Tensor) -> dict[str, Tensor]:
    """The losses of maps [N, 3, H, W] and text [N, 1, H, W] by the targets [N, 6, H, W] (`data.pages.targets`)."""
    known = truth[:, KNOWN]
    kernel, height, gap = maps.unbind(1)
    gaps = F.binary_cross_entropy_with_logits(gap, truth[:, GAP], reduction="none")
    return {
        "kernel": balanced(kernel, truth[:, KERNEL], known) + dice(kernel, truth[:, KERNEL], known),
        "text": balanced(text[:, 0], truth[:, TEXT], known) + dice(text[:, 0], truth[:, TEXT], known),
        "height": mean_where((height - truth[:, HEIGHT]).abs(), truth[:, TEXT] * known),
        "gap": mean_where(gaps, truth[:, ALONG] * known),
    }


def taught(maps: Tensor, theirs: Tensor, truth: Tensor) -> Tensor:
    """The distance of maps [N, 3, H, W] from a teacher's.

    Kernels count except where the teacher misses one, heights inside boxes of text, gaps along lines.
    """
    soft = torch.sigmoid(theirs)
    kernel, gap = (MAPS.index(name) for name in ("kernel", "gap"))
    kernels = F.binary_cross_entropy_with_logits(maps[:, kernel], soft[:, kernel], reduction="none")
    missed = (theirs[:, kernel] < 0) & (truth[:, KERNEL] > 0)
    heights = (maps[:, 1] - theirs[:, 1]).abs()
    gaps = F.binary_cross_entropy_with_logits(maps[:, gap], soft[:, gap], reduction="none")
    return (
        2 * kernels.masked_fill(missed, 0).mean()
        + 0.25 * mean_where(heights, truth[:, TEXT])
        + 0.25 * mean_where(gaps, truth[:, ALONG])
    )
