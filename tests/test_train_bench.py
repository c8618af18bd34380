"""`bitocr bench train`: the steps are those of the model's own network."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from bitocr.errors import ModelError
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.nn.binary import STAGES
from bitocr.lab.train import throughput
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
