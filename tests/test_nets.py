"""The network that a stage starts with, from a file: which parts are trained."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.data.charset import ENGLISH  # noqa: E402
from bitocr.lab.nn.binary import BINARIZERS, STAGES  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.nets import starting_net  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402
from networks import complete  # noqa: E402


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("binarizer", BINARIZERS)
def test_all_that_is_trained_gets_a_gradient(tmp_path: Path, binarizer: str, stage: str) -> None:
    network = {"blocks": [[32, [2, 2]]], "neck": {"type": "none"}, "binarizer": binarizer}
    start = complete({**network, "stage": "float", "classes": len(ENGLISH) + 1})
    save_weights(tmp_path / "start", build(start), {"network": start, "charset": ENGLISH})
    path = tmp_path / "recipe.yaml"
    path.write_text(f"network: {network}\nstages: [{{stage: {stage}, start: {tmp_path / 'start'}}}]\n")

    net = starting_net(load_recipe(path), 0)
    net(torch.randn(2, 1, 32, 32)).square().mean().backward()
    trained = {name for name, parameter in net.named_parameters() if parameter.requires_grad}
    assert trained == {name for name, parameter in net.named_parameters() if parameter.grad is not None}
    has_thresholds = stage != "float" and BINARIZERS[binarizer].learnable
    assert has_thresholds == any("threshold" in name for name in trained)
