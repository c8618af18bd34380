"""Layers over maps of any size, with any number of threads, compared with numpy bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

import kernel_hooks as hooks
import random_model
import reference
from bitocr.errors import UsageError
from bitocr.io import bitfile
from bitocr.native.engine import kernels

THREADS = (1, 2, 7)
STRIDED: random_model.Blocks = ((32, 32, (1, 2)), (32, 64, (2, 1)), (64, 64, (1, 1)), (64, 96, (2, 2)))
DEEP: random_model.Blocks = ((32, 32, (1, 1)),) * 64  # as many as there may be


def image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(-127, 128, (height, width), np.int8)


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 8), (2, 3), (9, 1), (33, 47), (64, 20), (5, 130)])
def test_stem(kernel: str, height: int, width: int) -> None:
    q, rng = image(height, width), np.random.default_rng(width)
    weights = rng.integers(-128, 128, (64, 3, 3), dtype=np.int8)
    scale, bias = rng.standard_normal((2, 64)).astype(np.float32)
    np.testing.assert_array_equal(hooks.stem(kernel, q, weights, scale, bias), reference.stem(q, weights, scale, bias))


@pytest.mark.parametrize("kernel", kernels())
@pytest.mark.parametrize(("height", "width", "blocks"), [
    (16, 45, random_model.SMALL), (48, 7, random_model.SMALL), (64, 33, STRIDED), (8, 1, STRIDED), (256, 20, STRIDED),
])  # fmt: skip
def test_lines_of_other_heights(kernel: str, height: int, width: int, blocks: random_model.Blocks) -> None:
    header = random_model.header("ab", blocks, hidden=0, height=height)
    tensors, q = random_model.tensors(header), image(height, width)
    expected = reference.backbone(header, tensors, q)
    for threads in THREADS:
        features, _ = hooks.network(kernel, bitfile.dump(header, tensors), q, expected.shape, 3, threads)
        np.testing.assert_array_equal(features, expected)


@pytest.mark.parametrize("height", [2, 32, 128])
def test_threads_share_the_deepest_network(height: int) -> None:
    header, q = random_model.header("ab", DEEP, hidden=8, height=height), image(height, 24)
    model = bitfile.dump(header, random_model.tensors(header))
    one, *others = [hooks.network(kernels()[0], model, q, (12, 32), 3, threads) for threads in THREADS]
    for other in others:
        for array, expected in zip(other, one, strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize(("height", "width"), [(31, 20), (32, 0), (0, 20), (32, 65536)])
def test_sizes_that_a_network_does_not_take(height: int, width: int) -> None:
    q = np.zeros((height, width), np.int8)
    with pytest.raises(UsageError, match=f"image of {width} x {height} pixels"):
        hooks.network(kernels()[0], random_model.model(), q, (1, 64), 3)
