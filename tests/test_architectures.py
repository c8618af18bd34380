"""A second architecture: trained in torch, exported, and run by the engine, bit for bit equal on every kernel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernel_hooks
import random_model
from bitocr.errors import ModelError
from bitocr.io import bitfile
from bitocr.native.engine import Engine, kernels

torch = pytest.importorskip("torch")

import toy_map  # noqa: E402

SIZES = [(1, 1), (2, 2), (3, 1), (1, 6), (5, 7), (33, 47), (31, 100), (64, 64), (97, 20), (131, 259)]
THREADS = (1, 2, 3, 8)


@pytest.fixture(scope="module")
def trained() -> Any:
    """A toy_map after ten steps, in eval mode."""
    torch.manual_seed(0)
    net = toy_map.ToyMap(channels=5)
    for name, parameter in net.named_parameters():
        if any(part in name for part in ("norm", "act", "threshold")):
            parameter.data.normal_(0, 0.5)  # gains of both signs, thresholds, slopes, shifts
    before = {name: parameter.clone() for name, parameter in net.named_parameters()}
    losses = toy_map.train(net, 10)
    assert losses[-1] < losses[0]
    assert all(bool((parameter != before[name]).any()) for name, parameter in net.named_parameters())
    return net.eval()


def image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(-127, 128, (height, width), np.int8)


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize(("height", "width"), SIZES)
def test_maps_are_torchs_to_the_bit(trained: Any, kernel: str, height: int, width: int) -> None:
    model, q = toy_map.export(trained), image(height, width)
    with torch.no_grad():
        expected = trained(torch.from_numpy(q[None, None].astype(np.float32)) / 32)[0].movedim(0, -1).numpy()
    assert expected.shape == (-(-height // 2), -(-width // 2), 5)
    for threads in THREADS:
        np.testing.assert_array_equal(kernel_hooks.maps(kernel, model, q, threads), expected)


def test_the_engine_ships_without_it(trained: Any) -> None:
    with pytest.raises(ModelError, match='no known "arch"'):
        Engine(toy_map.export(trained))


FAULTS: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = {
    "missing tensor": (lambda network, tensors: tensors.pop("coarse.bias"), "coarse.bias is missing"),
    "wrong shape": (lambda network, tensors: network.update(channels=6), "fine.weight has size 5 where .* needs 6"),
    "no channels": (lambda network, tensors: network.pop("channels"), "channels"),
    "strides": (lambda network, tensors: network["blocks"][1].update(stride=[2, 1]), "stride"),
    "stem": (lambda network, tensors: network.update(stem=33), "stem"),
    "blocks": (lambda network, tensors: network.update(blocks=[]), "blocks"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_config_is_told(trained: Any, fault: str) -> None:
    header, tensors = bitfile.read(toy_map.export(trained))
    change, message = FAULTS[fault]
    change(header["network"], tensors)
    with pytest.raises(ModelError, match=message):
        kernel_hooks.maps(kernels()[0], bitfile.dump(header, tensors), image(8, 8))


def test_a_line_is_read_by_any_number_of_threads() -> None:
    model, q = random_model.model("abc", hidden=8), image(32, 200)
    one, *others = [kernel_hooks.network(kernels()[0], model, q, (50, 64), 4, threads) for threads in THREADS]
    for other in others:
        np.testing.assert_array_equal(other[0], one[0])
        np.testing.assert_array_equal(other[1], one[1])
