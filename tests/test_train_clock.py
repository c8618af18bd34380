"""Stages that end by the clock with a learning rate of 0, also after they were stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.train import task as task_module  # noqa: E402
from bitocr.lab.train.callbacks import amount  # noqa: E402
from bitocr.lab.train.run import run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.task import RecognitionTask  # noqa: E402
from bitocr.lab.train.weights import read_weights  # noqa: E402
from labelled import write_pictures  # noqa: E402
from students import FLOAT, task_of  # noqa: E402
from tiny_recipe import recipe  # noqa: E402

ONE_STAGE = "stages=[{name: float, stage: float, images: 60, schedule: linear}]"
PLAIN = ("trainer.precision=64-true", "validation=[]")


class Clock:
    """A clock with one second for each image that the current task has seen."""

    task: RecognitionTask | None = None
    started = 0.0

    def __call__(self) -> float:
        return self.started + (self.task.seen if self.task else 0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    made = RecognitionTask.__init__

    def watched(self: RecognitionTask, *args: Any) -> None:
        made(self, *args)
        clock.task = self

    monkeypatch.setattr(RecognitionTask, "__init__", watched)
    monkeypatch.setattr(task_module, "monotonic", clock)
    return clock


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y", "long words"]) / "labels.tsv"


def test_a_stage_by_the_clock_is_the_stage_of_as_many_images(tmp_path: Path, labels: Path, clock: Clock) -> None:
    states = []
    for name, minutes in (("images", "stages.0.minutes=0"), ("clock", "stages.0.minutes=1")):
        (tmp_path / name).mkdir()
        weights = run_recipe(recipe(tmp_path / name, labels, ONE_STAGE, *PLAIN, minutes))
        states.append(read_weights(weights)[0])
    torch.testing.assert_close(states[1], states[0], rtol=0, atol=0)


def test_stopped_it_goes_on_from_the_time_it_took(
    tmp_path: Path, labels: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []
    stepped = RecognitionTask.on_train_batch_end

    def stop_at(seen: int) -> None:
        def step(self: RecognitionTask, *args: Any) -> None:
            stepped(self, *args)
            rates.append(self.optimizers().param_groups[0]["lr"])  # type: ignore[union-attr]
            if self.seen >= seen:
                raise KeyboardInterrupt

        monkeypatch.setattr(RecognitionTask, "on_train_batch_end", step)

    given = recipe(tmp_path, labels, ONE_STAGE, *PLAIN, "stages.0.minutes=2", "stages.0.images=7")
    stop_at(60)
    with pytest.raises(KeyboardInterrupt):
        run_recipe(given)
    checkpoint = torch.load(weights_path(given, "float").parent / "last.ckpt", weights_only=False)
    assert 30 <= checkpoint["seconds"] <= checkpoint["seen"]
    clock.task, clock.started = None, 5000.0  # what the machine did in between counts nothing
    stop_at(10**6)
    run_recipe(given)
    assert clock.task is not None
    assert 120 <= clock.task.seen < 140
    assert rates[-1] < 0.1 * 1e-2
    assert max(rates) > 0.9 * 1e-2


def test_progress_is_shown_in_what_the_stage_counts() -> None:
    task = task_of(FLOAT, images=50, minutes=0)
    task.seen, task.seconds = 7, 90.5
    assert amount(task) == ("images", 7, 50)
    task = task_of(FLOAT, minutes=2)
    task.seconds = 90.5
    assert amount(task) == ("seconds", 90, 120)
