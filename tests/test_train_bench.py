"""`bitocr bench train`: the steps are those of the model's own network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from bitocr.errors import ModelError
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.nn.binary import STAGES
from bitocr.lab.train import compare, throughput
from bitocr.lab.train.start import open_start

ENGLISH = "step, english, stage"


def test_each_stage_of_the_models_network_is_measured() -> None:
    jobs = dict(throughput.steps_of_model("english"))
    assert list(jobs) == [*(f"{ENGLISH} {stage}" for stage in STAGES), f"{ENGLISH} both, not compiled"]
    networks = {what: job.args[0] for what, job in jobs.items()}  # type: ignore[attr-defined]
    own = open_start("english")
    assert networks[f"{ENGLISH} float"] == own.network.replace(stage="float")
    assert networks[f"{ENGLISH} both"] == own.network.replace(stage="both", quantize=own.quantize)
    assert len(own.network.blocks) == 12
    assert own.quantize == Quantize(lstm=4)


def test_a_step_is_a_batch(model: Path) -> None:
    jobs = dict(throughput.steps_of_model(str(model)))
    assert jobs[f"step, {model.stem}, stage both, not compiled"]()() == throughput.BATCH


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(ModelError, match=r"none\.bit"):
        throughput.measure("none.bit")


OPTIONS = ["compile", "speed.stacked", "speed.bias_free", "speed.own_alphabets", "speed.log_every", "together"]


def test_each_option_is_measured_without_and_with(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "BATCH", 4)
    monkeypatch.setattr("bitocr.lab.nn.fused.COMPILERS", ())  # which takes long
    rows = compare.compare(str(model), seconds=0.01)
    named = [row["what"] for row in rows if row["what"] != "speed.graphs"]
    assert named == [*OPTIONS, "data.reuse_limits, one worker"]
    assert all(row["without"] > 0 and row["images_per_s"] > 0 for row in rows)


def test_works_take_turns() -> None:
    done: list[str] = []

    def work(name: str, images: int) -> Callable[[], int]:
        return lambda: done.append(name) or images  # type: ignore[func-returns-value]

    without, with_it = compare.side_by_side(work("without", 1), work("with", 10**6), seconds=0.0)
    assert done == ["without", "with"] * 4
    assert with_it > without > 0
