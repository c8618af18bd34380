"""The detector's network in the engine: maps equal to torch's bit for bit, and wrong files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import kernel_hooks
from bitocr.errors import ModelError, UsageError
from bitocr.io import bitfile
from bitocr.native.engine import Engine, kernels
from bitocr.native.pages import Detector

torch = pytest.importorskip("torch")

import random_model  # noqa: E402
import tiny_detector  # noqa: E402


@pytest.fixture(scope="module")
def net() -> Any:
    return tiny_detector.detector()


@pytest.fixture(scope="module")
def model(net: Any) -> bytes:
    return tiny_detector.export(net)


def image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(-128, 128, (height, width), np.int8)


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize(("height", "width"), [(32, 32), (32, 224), (160, 64), (96, 128)])
def test_maps_are_torchs_to_the_bit(net: Any, model: bytes, kernel: str, height: int, width: int) -> None:
    q = image(height, width)
    with torch.no_grad():
        expected = net(torch.from_numpy(q[None, None].astype(np.float32)) / 32)[0].movedim(0, -1).numpy()
    assert expected.shape == (height // 4, width // 4, 3)
    for threads in (1, 2, 5):
        np.testing.assert_array_equal(kernel_hooks.maps(kernel, model, q, threads), expected)


@pytest.mark.parametrize(("height", "width"), [(31, 32), (32, 33), (1, 1)])
def test_sides_are_multiples_of_32(model: bytes, height: int, width: int) -> None:
    with pytest.raises(UsageError, match="32"):
        kernel_hooks.maps(kernels()[0], model, image(height, width))


def test_each_network_has_its_use(model: bytes) -> None:
    with pytest.raises(ModelError, match="bit_det reads no lines"):
        Engine(model)
    with pytest.raises(ModelError, match="bit_crnn finds no text"):
        Detector(random_model.model())


FAULTS: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = {
    "missing tensor": (lambda network, tensors: tensors.pop("lateral16.bias"), "lateral16.bias is missing"),
    "missing block": (lambda network, tensors: tensors.pop("merge8.beta1"), "merge8.beta1 is missing"),
    "wrong shape": (lambda network, tensors: network.update(neck=64), "lateral4.weight has size 32 where .* needs 64"),
    "odd neck": (lambda network, tensors: network.update(neck=40), "multiple of 32"),
    "no neck": (lambda network, tensors: network.pop("neck"), "neck"),
    "other maps": (lambda network, tensors: network.update(maps=["kernel", "gap", "height"]), "maps"),
    "more maps": (lambda network, tensors: network["maps"].append("text"), "maps"),
    "no maps": (lambda network, tensors: network.pop("maps"), "maps"),
    "three strides": (lambda network, tensors: network["blocks"][1].update(stride=[1, 1]), "3 blocks have strides"),
    "five strides": (lambda network, tensors: network["blocks"][2].update(stride=[2, 2]), "5 blocks have strides"),
    "flat stride": (lambda network, tensors: network["blocks"][2].update(stride=[2, 1]), "neither"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_config_is_told(model: bytes, fault: str) -> None:
    header, tensors = bitfile.read(model)
    change, message = FAULTS[fault]
    change(header["network"], tensors)
    with pytest.raises(ModelError, match=message):
        Detector(bitfile.dump(header, tensors))
