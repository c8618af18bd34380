"""The channels that pruning keeps: ties, and channels that others need for their shortcuts."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from bitocr.lab.nn.prune.channels import best
from bitocr.lab.nn.prune.shortcut_order import keep_shortcuts


@pytest.mark.parametrize(
    ("scores", "count", "kept"),
    [
        ([1.0, 1.0, 1.0, 1.0], 2, [0, 1]),
        ([0.0, 2.0, 1.0, 1.0, 2.0], 3, [1, 2, 4]),
        ([3.0, 1.0, 2.0], 2, [0, 2]),
        ([3.0, 1.0, 2.0], 3, [0, 1, 2]),
    ],
)
def test_of_equal_channels_the_first_are_kept(scores: list[float], count: int, kept: list[int]) -> None:
    assert best(scores, count) == kept


@pytest.mark.parametrize(
    ("second", "third", "kept"),
    [
        ([0, 0, 0, 5, 0, 0, 6, 0], [0.0] * 8, [3, 6]),  # of groups of 4, 8 and 8, where c and c + 4 need c
        ([9, 9, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 10, 10], [6, 7]),
    ],
)
def test_a_channel_counts_with_all_that_needs_its_shortcut(
    second: list[float], third: list[float], kept: list[int]
) -> None:
    groups = keep_shortcuts([[1.0] * 4, second, third], [2, 2, 2])
    assert sorted(channel % 4 for channel in groups[0]) == [2, 3]
    assert sorted(groups[1]) == kept
