"""The parts of training: schedule, losses, optimizer, batches."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.config.data import Source  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.data.stream import BUCKETS, Batch, Replay, TextStream, bucket_width, frames_needed  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.muon import BETAS, EPSILON, Muon, orthogonalize, parameter_groups  # noqa: E402
from bitocr.lab.train.task import ctc_loss, scheduled  # noqa: E402
from bitocr.lab.train.validate import best_path  # noqa: E402
from labelled import write_pictures  # noqa: E402

TINY = {"stem": 32, "blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": {"type": "bilstm", "hidden": 8}}


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y", "long words"]) / "labels.tsv"


@pytest.mark.parametrize(
    ("progress", "schedule", "expected"),
    [(0.0, "cosine", 0.01), (0.05, "cosine", 0.5), (0.1, "linear", 1.0), (0.55, "linear", 0.5), (1.0, "cosine", 0.0)],
)
def test_schedule(progress: float, schedule: str, expected: float) -> None:
    assert scheduled(progress, schedule, warmup=0.1) == pytest.approx(expected)


def test_ctc_ignores_texts_that_do_not_fit() -> None:
    batch = Batch(torch.zeros(1, 1, 32, 8, dtype=torch.int8), torch.tensor([1, 1, 1]), torch.tensor([3]))
    logits = torch.zeros(1, 2, 5, requires_grad=True)
    loss = ctc_loss(logits, batch)
    loss.backward()
    assert float(loss.detach()) == 0
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


def test_best_path_drops_repeats_and_blanks() -> None:
    charset = Charset("ab")
    logits = torch.nn.functional.one_hot(torch.tensor([[0, 1, 1, 0, 1, 2, 2, 0]]), 3).float()
    assert best_path(logits, charset) == ["aab"]


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (32, 32)])
def test_orthogonalize_equalizes_singular_values(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalize(torch.randn(shape)))
    assert 0.5 < float(values.min()) <= float(values.max()) < 1.4


def test_muon_and_adamw_lower_a_loss_and_survive_saving() -> None:
    torch.manual_seed(0)
    net = build(TINY | {"stage": "both"})
    optimizer = Muon(parameter_groups(net, 1e-2, 1e-2, 0.01))
    assert [len(g["params"]) for g in optimizer.param_groups] == [8, len(list(net.parameters())) - 8]
    images = torch.randn(4, 1, 32, 32)
    batch = Batch(images, torch.tensor([1, 2, 3, 4]), torch.ones(4, dtype=torch.int64))
    losses = []
    for step in range(12):
        if step == 6:
            restored = Muon(parameter_groups(net, 1e-2, 1e-2, 0.01))
            restored.load_state_dict(optimizer.state_dict())
            optimizer = restored
        for group in optimizer.param_groups:
            group["lr"] = group["peak"]
        loss = ctc_loss(net(images), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


@pytest.mark.parametrize("weight_decay", [0.0, 0.3])
def test_adamw_is_that_of_torch(weight_decay: float) -> None:
    torch.manual_seed(0)
    ours, theirs = ([torch.nn.Parameter(x.clone()) for x in start] for start in 2 * [[torch.randn(5), torch.randn(3)]])
    optimizers = [
        Muon([{"params": ours, "method": "adamw", "lr": 0.1, "weight_decay": weight_decay}]),
        torch.optim.AdamW(theirs, 0.1, BETAS, EPSILON, weight_decay),
    ]
    for _ in range(20):
        gradients = [torch.randn(5), torch.randn(3) * 1e-3]
        for parameters, optimizer in zip((ours, theirs), optimizers, strict=True):
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.grad = gradient.clone()
            optimizer.step()
        for mine, expected in zip(ours, theirs, strict=True):
            torch.testing.assert_close(mine, expected)


def test_muons_step_is_of_the_rate_and_its_decay_too() -> None:
    torch.manual_seed(0)
    start = torch.randn(16, 40)
    steps = []
    for weight_decay in (0.0, 0.3):
        parameter = torch.nn.Parameter(start.clone())
        parameter.grad = torch.randn(16, 40, generator=torch.Generator().manual_seed(1))
        Muon([{"params": [parameter], "method": "muon", "lr": 0.1, "weight_decay": weight_decay}]).step()
        steps.append(parameter.detach() - start)
    assert float(steps[0].square().mean().sqrt()) == pytest.approx(0.2 * 0.1, rel=0.2)
    torch.testing.assert_close(steps[1] - steps[0], -0.1 * 0.3 * start, atol=1e-6, rtol=1e-4)


def test_replay_keeps_the_last_samples() -> None:
    numbers = itertools.count()

    def render(rng: np.random.Generator) -> tuple[Any, str]:
        return np.zeros((4, 4), np.uint8), str(next(numbers))

    replay = Replay(render, reuse=1, capacity=3)
    for end in range(1, 12):
        replay(np.random.default_rng(0))
        assert {int(text) for _, text in replay.samples} == set(range(max(0, end - 3), end))


def test_replay_renders_one_in_reuse() -> None:
    rendered = []

    def render(rng: np.random.Generator) -> tuple[Any, str]:
        rendered.append(1)
        return np.zeros((4, 4), np.uint8), "x"

    replay = Replay(render, reuse=4, capacity=50)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        replay(rng)
    assert len(rendered) == pytest.approx(500, rel=0.15)
    assert len(replay.samples) == 50


@pytest.mark.parametrize(
    ("width", "text", "expected"),
    [(64, "word", 80), (70, "word", 80), (16, "iiiii", 48), (16, "impossibly long", None)],
)
def test_bucket_width(width: int, text: str, expected: int | None) -> None:
    image = np.zeros((32, width), np.uint8)
    found = bucket_width(image, text, np.random.default_rng(0), jitter=0.0)
    assert found == expected
    assert found is None or (found in BUCKETS and found // 4 > frames_needed(text))


def test_stream_makes_batches_of_one_width(labels: Path) -> None:
    stream = TextStream([Source(path=str(labels), weight=1.0)], Charset(), columns=256)
    for batch, _ in zip(stream, range(20), strict=False):
        n, _, height, width = batch.images.shape
        assert (height, batch.images.dtype, len(batch.lengths)) == (32, torch.int8, n)
        assert n * width >= 256
        assert int(batch.lengths.sum()) == len(batch.targets)
