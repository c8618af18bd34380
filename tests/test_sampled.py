"""Losses over a sample of the classes."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.train import sampled  # noqa: E402
from bitocr.lab.train.sampled import sampled_classes, sampled_logits  # noqa: E402
from test_lumped import BATCH, CLASSES, Doubled, task  # noqa: E402

TAUGHT: dict[str, Any] = {"distill": {"logits": 1.0, "trusted": True}, "teacher": "float"}


def test_labels_and_what_the_teacher_finds_likely_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampled, "BY_CHANCE", 0)
    monkeypatch.setattr(sampled, "fill_up", lambda kept, _: kept)
    head = nn.Linear(3, CLASSES)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    head.weight.data[90, 0], head.weight.data[60, 1], head.weight.data[30, 2] = 5, 4, 3
    features = torch.eye(3).repeat_interleave(3, 0)[None]  # each for three frames
    assert sampled_classes(head, features, BATCH.targets, 2).tolist() == [0, 1, 5, 7, 30, 31, 59, 60, 90]


def test_others_come_by_chance() -> None:
    torch.manual_seed(0)
    head, features = nn.Linear(12, 5000), torch.randn(3, 10, 12)
    first, second = (sampled_classes(head, features, BATCH.targets, 4) for _ in range(2))
    assert {0, 1, 5, 7, 30, 31, 59} <= set(first.tolist()) & set(second.tolist())
    assert len(set(first.tolist()) ^ set(second.tolist())) > 200
    assert len(first) % 64 == 0


@pytest.mark.parametrize("kind", [nn.Linear, Doubled])
def test_logits_are_those_of_the_head(kind: type[nn.Linear]) -> None:
    head, features, kept = kind(12, CLASSES), torch.randn(2, 5, 12), torch.tensor([0, 7, 30])
    torch.testing.assert_close(sampled_logits(head, features, kept), head(features)[..., kept])


def test_with_all_classes_the_losses_are_the_usual_ones() -> None:
    plain, some = task(**TAUGHT).terms(BATCH), task(**TAUGHT, distinct=CLASSES, sampled=True).terms(BATCH)
    assert list(plain) == list(some) == ["ctc", "logits"]
    for name in plain:
        torch.testing.assert_close(some[name], plain[name], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "stage",
    [
        {},
        {**TAUGHT, "distinct": 0},
        {**TAUGHT, "distinct": 9, "together": True},
        {"distill": {"logits": 1.0, "fsp": 1.0}, "teacher": "float", "distinct": 9},
        {"distill": 1.0, "teacher": ["float", "other"], "distinct": 9},
    ],
)
def test_what_it_takes(stage: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="sampled needs distinct, and a single frozen teacher"):
        task(**{"distinct": 0, **stage, "sampled": True})
