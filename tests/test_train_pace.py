"""Reuse of rendered images that follows the speed of rendering."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.convert import convert  # noqa: E402
from bitocr.lab.config.data import Data, Source  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.data.stream import Batch, Replay, TextStream, loader  # noqa: E402
from bitocr.lab.train import pace  # noqa: E402
from bitocr.lab.train.pace import Paced, adapted  # noqa: E402
from bitocr.lab.train.run import run_recipe  # noqa: E402
from bitocr.lab.train.weights import load_weights  # noqa: E402
from labelled import write_pictures  # noqa: E402
from tiny_recipe import recipe  # noqa: E402


@pytest.mark.parametrize(
    ("reuse", "waited", "expected"),
    [
        (2.0, 0.0, 2 / 1.1),
        (2.0, 0.05, 2.0),
        (2.0, 0.2, 2.2),
        (2.0, 0.9, 2.5),
        (7.9, 0.9, 8.0),
        (1.05, 0.0, 1.0),
    ],
)
def test_reuse_follows_the_share_of_waiting(reuse: float, waited: float, expected: float) -> None:
    assert adapted(reuse, waited, (1.0, 8.0)) == pytest.approx(expected)


class Machine:
    """Its clock: the less images are reused, the longer a batch takes to render; a step takes a second."""

    def __init__(self, rendering: float, reuse: Tensor) -> None:
        self.now, self.rendering, self.reuse = 0.0, rendering, reuse

    def __call__(self) -> float:
        return self.now

    def batches(self) -> Iterator[Batch]:
        """Workers render during the steps: training waits only as long as rendering takes longer than a step."""
        for _ in range(900):
            self.now += max(0.0, self.rendering / float(self.reuse) - 1)
            yield Batch(*3 * [torch.zeros(1)])


@pytest.mark.parametrize(("rendering", "least", "most"), [(0.5, 1.0, 1.0), (3.0, 2.6, 3.4), (99.0, 8.0, 8.0)])
def test_it_settles_where_rendering_keeps_up(
    rendering: float, least: float, most: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    reuse = torch.tensor(2.0, dtype=torch.float64)
    machine = Machine(rendering, reuse)
    monkeypatch.setattr(pace, "monotonic", machine)
    count = 0
    for _ in Paced(machine.batches(), reuse, (1.0, 8.0)):
        machine.now += 1
        count += 1
    assert count == 900
    assert least <= float(reuse) <= most


def test_workers_go_by_what_they_are_told() -> None:
    rendered = []

    def render(rng: np.random.Generator) -> tuple[Any, str]:
        rendered.append(1)
        return np.zeros((4, 4), np.uint8), "x"

    reuse = torch.tensor(1.0)
    replay, rng = Replay(render, reuse, capacity=50), np.random.default_rng(0)
    for _ in range(200):
        replay(rng)
    assert len(rendered) == 200
    reuse.fill_(8)
    for _ in range(1600):
        replay(rng)
    assert len(rendered) - 200 == pytest.approx(200, rel=0.25)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y", "long words"]) / "labels.tsv"


def test_where_it_cannot_move_batches_are_those_of_a_fixed_reuse() -> None:
    drawn = []
    for limits in (None, (4.0, 4.0)):
        stream = TextStream([Source(synth="words", weight=1.0)], Charset(), columns=256, reuse=4.0)
        batches: Any = loader(stream, 1)
        if limits:
            batches = Paced(batches, stream.reuse, limits, seconds=0.0)
        drawn.append([batch for batch, _ in zip(batches, range(6), strict=False)])
    for ours, expected in zip(*drawn, strict=True):
        assert all(torch.equal(*pair) for pair in zip(ours, expected, strict=True))


def test_a_recipe_trains_with_it(tmp_path: Path, labels: Path) -> None:
    moving = ("data.reuse_limits=[1, 8]", "data.workers=1", "stages=[{name: float, stage: float, images: 20}]")
    assert load_weights(run_recipe(recipe(tmp_path, labels, *moving)))[1]["images"] >= 20


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reuse_limits": [5, 8]}, r"reuse_limits are the least and the most of reuse, which starts at 4\.0"),
        ({"reuse_limits": [1, 8], "workers": 0}, "reuse_limits need workers"),
        ({"reuse_limits": [1]}, "reuse_limits"),
    ],
)
def test_limits_that_cannot_be_are_told(given: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        convert(given, Data)
