"""Items of the truth and predictions that share characters, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bitocr.inspect.pages.found import Truth
from bitocr.inspect.pages.shapes import Points, Shape


@dataclass
class Group:
    """Numbers of items and of predictions that touch each other, directly or through others."""

    items: list[int] = field(default_factory=list)
    made: list[int] = field(default_factory=list)


def groups_of(truth: Truth, made: Sequence[Shape], dots: Sequence[Points]) -> list[Group]:
    """Puts each item and prediction into one group. Two share a group if one holds half of the other's points."""
    count = len(truth.shapes)
    parent = list(range(count + len(made)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, item in enumerate(truth.shapes):
        for j, shape in enumerate(made):
            if not item.is_apart(shape) and share(item, shape, truth.marks[i], dots[j]):
                parent[root(i)] = root(count + j)
    groups: dict[int, Group] = {}
    for node in range(len(parent)):
        group = groups.setdefault(root(node), Group())
        group.items.append(node) if node < count else group.made.append(node - count)
    return list(groups.values())


def share(item: Shape, shape: Shape, marks: Points, dots: Points) -> bool:
    return bool(shape.holds(marks).mean() >= 0.5 or item.holds(dots).mean() >= 0.5)
