"""Detection on one page: which of the truth's characters lie in what was found, lines or words alike.

Each item of the truth has a point for each character along its axis, each prediction four a height. A character is
found where its point lies in a prediction that is at least 0.35 and at most 2 lines high, so that a box around two
lines finds neither. A prediction's point is right in such an item or within 0.6 heights of its ends, where the space
between words is, and in no earlier prediction.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bitocr.inspect.pages.shapes import Points, Shape, overlap

DOTS = 4
MOST_DOTS = 400
LOWEST, HIGHEST = 0.35, 2.0
BESIDE = 0.6
IOU = 0.5


@dataclass
class Truth:
    """The items of a page that count, and the places that do not.

    Attributes:
        shapes, counts: of the items, with their numbers of characters.
        hidden: where predictions neither gain nor lose.
    """

    shapes: list[Shape]
    counts: list[int]
    hidden: list[Shape]
    marks: list[Points] = field(init=False)

    def __post_init__(self) -> None:
        self.marks = [shape.points(count) for shape, count in zip(self.shapes, self.counts, strict=True)]


def dots_of(shape: Shape) -> Points:
    return shape.points(int(np.clip(round(DOTS * shape.length / shape.height), 1, MOST_DOTS)))


def is_hidden(dots: Points, hidden: Sequence[Shape]) -> bool:
    """Whether most of a prediction is in areas that do not count."""
    return bool(hidden) and float(np.any([shape.holds(dots) for shape in hidden], axis=0).mean()) > 0.5


def paired(truth: Sequence[Shape], made: Sequence[Shape]) -> int:
    """Pairs that overlap by IOU or more, the best first, one to one."""
    pairs = [(overlap(t, m), i, j) for i, t in enumerate(truth) for j, m in enumerate(made)]
    theirs: set[int] = set()
    ours: set[int] = set()
    for share, i, j in sorted(pairs, reverse=True):
        if share < IOU:
            break
        if i not in theirs and j not in ours:
            theirs.add(i)
            ours.add(j)
    return len(theirs)


Hits = dict[tuple[int, int], NDArray[np.bool_]]
"""By item and prediction: which of the item's characters it holds."""


def hits_of(truth: Truth, made: Sequence[Shape]) -> Hits:
    hits: Hits = {}
    for j, shape in enumerate(made):
        near = [i for i, item in enumerate(truth.shapes) if not item.is_apart(shape)]
        within = {i: shape.holds(truth.marks[i]) for i in near}
        line = _line_height(truth, shape, within)
        for i, held in within.items():
            is_high = shape.height >= LOWEST * truth.shapes[i].height
            if held.any() and is_high and shape.height <= HIGHEST * line + 1:
                hits[i, j] = held
    return hits


def _line_height(truth: Truth, shape: Shape, within: dict[int, NDArray[np.bool_]]) -> float:
    """A line's height at a prediction: that of the highest item with its middle or a character in the prediction."""
    inside = (i for i, held in within.items() if held.any() or shape.holds(truth.shapes[i].centre[None])[0])
    return max((truth.shapes[i].height for i in inside), default=0.0)


def right_dots(truth: Truth, made: Sequence[Shape], dots: Sequence[Points], hits: Hits) -> int:
    right = 0
    for j, points in enumerate(dots):
        good = np.zeros(len(points), bool)
        for i in (i for i, other in hits if other == j):
            good |= truth.shapes[i].holds(points, BESIDE * truth.shapes[i].height)
        for shape in truth.hidden:
            good |= shape.holds(points)
        for earlier in made[:j]:
            if not earlier.is_apart(made[j]) and earlier.height <= HIGHEST * made[j].height:
                good &= ~earlier.holds(points)
        right += int(good.sum())
    return right


def detection(truth: Truth, made: Sequence[Shape], dots: Sequence[Points]) -> Counter[str]:
    """What the page adds to the counts."""
    hits = hits_of(truth, made)
    found = [np.zeros(count, bool) for count in truth.counts]
    parts: Counter[int] = Counter()
    whole: Counter[int] = Counter()
    for (i, j), held in hits.items():
        found[i] |= held
        parts[i] += bool(held.mean() > 0.2)
        whole[j] += bool(held.mean() >= 0.5)
    long = [i for i, cells in enumerate(found) if len(cells) > 1 and cells.any()]
    return Counter(
        items=len(truth.shapes),
        predictions=len(made),
        iou=paired(truth.shapes, made),
        cells=sum(truth.counts),
        cells_found=sum(int(cells.sum()) for cells in found),
        dots=sum(map(len, dots)),
        dots_right=right_dots(truth, made, dots, hits),
        long_found=len(long),
        split=sum(parts[i] > 1 for i in long),
        merged=sum(count > 1 for count in whole.values()),
    )
