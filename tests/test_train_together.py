"""Student and teacher on the same batches: both end as with the ordinary trainer, in float64."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import lightning as L  # noqa: E402
from torch import Tensor  # noqa: E402
from torch.utils.data import DataLoader  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.convert import convert  # noqa: E402
from bitocr.lab.config.recipe import Recipe  # noqa: E402
from bitocr.lab.data.stream import Batch  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.features import outputs_of  # noqa: E402
from bitocr.lab.train.run import FIXED, run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.task import RecognitionTask  # noqa: E402
from bitocr.lab.train.together import TogetherTask  # noqa: E402
from bitocr.lab.train.weights import load_weights  # noqa: E402
from labelled import write_pictures  # noqa: E402
from students import FLOAT, STUDENT, stage_of  # noqa: E402
from tiny_recipe import recipe  # noqa: E402

TEACHERS = stage_of(name="float", images=12, lr=3e-2)
STUDENTS = stage_of(name="both", images=21, distill={"logits": 1.0, "features": 1.0})


def batches() -> list[Batch]:
    drawn = torch.Generator().manual_seed(0)
    shape = (3, 1, 32, 48)
    images = [torch.randint(-127, 128, shape, dtype=torch.int8, generator=drawn) for _ in range(9)]
    targets = [torch.randint(1, 90, (6,), generator=drawn) for _ in images]
    return [Batch(*pair, torch.tensor([1, 2, 3])) for pair in zip(images, targets, strict=True)]


def fit(task: RecognitionTask) -> RecognitionTask:
    plain: dict[str, Any] = {"accelerator": "cpu", "devices": 1, "precision": "64-true", "enable_checkpointing": False}
    L.Trainer(**FIXED, **plain).fit(task, DataLoader(batches(), batch_size=None))  # type: ignore[arg-type]
    return task


def fresh(network: dict[str, Any]) -> CRNN:
    torch.manual_seed(7)
    return build(network)


class Told(RecognitionTask):
    """An ordinary student that gets its teacher's recorded training outputs, and asks it afterwards."""

    said: Iterator[tuple[list[Tensor], list[Tensor]]]

    def ask(self, images: Tensor, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
        return next(self.said, None) or super().ask(images, batch)


def assert_same(ours: CRNN, expected: CRNN) -> None:
    theirs = expected.state_dict()
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(tensor, theirs[name], rtol=0, atol=1e-12, msg=f"{name} differs")


def test_each_becomes_what_it_would_with_the_ordinary_trainer() -> None:
    finished: list[CRNN] = []
    tutor = RecognitionTask(fresh(FLOAT), TEACHERS, [], {})
    together = TogetherTask(
        fresh(STUDENT), STUDENTS, tutor, {}, finish=lambda task: finished.append(copy.deepcopy(task.net))
    )
    fit(together)
    alone = RecognitionTask(fresh(FLOAT), TEACHERS, [], {})
    layers = [*alone.net.backbone.layers(), alone.net.head]  # type: ignore[operator]
    with outputs_of(layers) as outputs:
        fit(alone)
    assert (together.seen, tutor.seen, alone.seen, len(outputs)) == (21, 12, 12, 4 * len(layers))
    assert_same(finished[0], alone.net)
    assert_same(tutor.net, alone.net)  # and never learned again, nor its batch norms
    assert not tutor.net.training

    said = [[each.detach() for each in outputs[i : i + len(layers)]] for i in range(0, len(outputs), len(layers))]
    told = Told(fresh(STUDENT), STUDENTS, [fresh(FLOAT)], {})
    assert told.distiller is not None
    told.distiller.teachers = (alone.net.eval(),)  # already in float64
    told.said = iter([([step[-1]], step[:-1]) for step in said])
    assert_same(together.net, fit(told).net)


def test_a_teacher_that_has_finished_teaches_as_any_other() -> None:
    together = TogetherTask(fresh(STUDENT), STUDENTS, RecognitionTask(fresh(FLOAT), TEACHERS, [], {}), {})
    together.finish_tutor()
    expected = RecognitionTask(fresh(STUDENT), STUDENTS, [fresh(FLOAT)], {})
    assert_same(fit(together).net, fit(expected).net)


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y", "long words"]) / "labels.tsv"


TOGETHER = ("stages.1.together=true", "stages.1.start=scratch", "validation=[]", "checkpoint_every=1")


def test_a_recipe_trains_both_and_goes_on_where_it_stopped(
    tmp_path: Path, labels: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = recipe(tmp_path, labels, *TOGETHER, "stages.0.images=20", "stages.1.images=50")
    stepped = TogetherTask.on_train_batch_end

    def stop(at: int) -> None:
        def step(self: TogetherTask, *args: Any) -> None:
            stepped(self, *args)
            if self.seen >= at:
                raise KeyboardInterrupt

        monkeypatch.setattr(TogetherTask, "on_train_batch_end", step)

    teacher, student = (weights_path(given, name) for name in ("float", "both"))
    for at, is_taught in ((8, False), (35, True)):
        stop(at)
        with pytest.raises(KeyboardInterrupt):
            run_recipe(given)
        assert (teacher.exists(), student.exists()) == (is_taught, False)
    written = teacher.read_bytes()
    stop(10**6)
    assert run_recipe(given) == student
    assert 50 <= load_weights(student)[1]["images"] < 65
    assert 20 <= load_weights(teacher)[1]["images"] < 35
    assert load_weights(teacher)[1]["stage"] == "float"
    assert teacher.read_bytes() == written


@pytest.mark.slow
def test_two_processes_train_both(tmp_path: Path, labels: Path) -> None:
    recipe(tmp_path, labels)  # written
    parallel = ("trainer.devices=2", "trainer.strategy=ddp", "stages.0.images=30", "stages.1.images=60")
    command = [sys.executable, "-m", "bitocr", "train", str(tmp_path / "recipe.yaml"), *TOGETHER, *parallel]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    for name, least in (("float", 30), ("both", 60)):
        assert load_weights(tmp_path / "run" / name / "weights.safetensors")[1]["images"] >= least


FAULTS = [
    ({"start": "previous"}, {}, r"stages.1.together cannot start from 'float', which is not trained before"),
    ({"teacher": ["x.safetensors"]}, {}, r"stages.1.together takes the stage right before as the only teacher"),
    ({"distill": {}}, {}, r"together needs one teacher"),
    ({}, {"images": 91}, r"'float', that is trained for longer than it is"),
    ({"minutes": 1}, {}, r"'float', that does not count minutes or images as it does"),
    ({}, {"distinct": 4}, r"'float', that does not tell all classes apart"),
    ({}, {"keep_zeros": True}, r"'float', that keeps zeros"),
]


@pytest.mark.parametrize(("student", "teacher", "told"), FAULTS)
def test_stages_that_do_not_go_together_are_told(student: dict[str, Any], teacher: dict[str, Any], told: str) -> None:
    both = {"name": "both", "images": 90, "teacher": ["float"], "distill": 1.0, "start": "scratch", "together": True}
    with pytest.raises(UsageError, match=told):
        convert({"stages": [{"name": "float", "images": 90, **teacher}, both | student]}, Recipe)
