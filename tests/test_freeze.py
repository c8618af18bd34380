"""Frozen blocks do not change, nor do their batch norm statistics; everything after them learns."""

from __future__ import annotations

import pytest
import torch

from bitocr.errors import UsageError
from bitocr.lab.config.network import AnyNetwork, MobileNetCRNN, open_network
from bitocr.lab.config.stage import Stage
from bitocr.lab.data.stream import Batch
from bitocr.lab.nn.crnn import build
from bitocr.lab.train.freeze import freeze
from bitocr.lab.train.task import RecognitionTask

NETWORK = open_network(
    {"arch": "bit_crnn", "classes": 5, "stem": 8, "stage": "both", "blocks": [[16, [2, 2]], [16, [2, 1]]]}
)


def batch() -> Batch:
    images = torch.randint(-127, 128, (4, 1, 32, 32), dtype=torch.int8, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.ones(8, dtype=torch.int64), torch.full((4,), 2))


@pytest.mark.parametrize("frozen", [0, 1, 2])
def test_only_the_rest_learns(frozen: int) -> None:
    torch.manual_seed(0)
    task = RecognitionTask(build(NETWORK), Stage(frozen=frozen), [], {})
    before = {name: tensor.clone() for name, tensor in task.net.state_dict().items()}
    task.net.eval()
    task.net.train()  # as after a validation
    optimizer = task.configure_optimizers()
    for group in optimizer.param_groups:
        group["lr"] = 0.01
    for _ in range(2):
        optimizer.zero_grad()
        task.terms(batch())["ctc"].backward()
        optimizer.step()
    changed = {name for name, tensor in task.net.state_dict().items() if not torch.equal(tensor, before[name])}
    resting = {"backbone.stem", *(f"backbone.blocks.{i}." for i in range(frozen))} if frozen else set()
    for part in ("backbone.stem", "backbone.blocks.0.", "backbone.blocks.1.", "neck.", "head."):
        assert any(name.startswith(part) for name in changed) == (part not in resting)


@pytest.mark.parametrize("network", [NETWORK, MobileNetCRNN(classes=5)])
def test_what_cannot_be_frozen(network: AnyNetwork) -> None:
    net = build(network)
    freeze(net, 0)
    with pytest.raises(UsageError, match="frozen is 3"):
        freeze(net, 3)
