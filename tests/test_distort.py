"""Distortions take an image of any shape: crops of single letters are narrow and tall."""

from __future__ import annotations

import numpy as np
import pytest

from bitocr.lab.data.distort import distort


@pytest.mark.parametrize("shape", [(1, 1), (4, 60), (60, 4), (200, 8), (2000, 1), (1, 300), (32, 100)])
def test_every_shape_stays_an_image(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    before = image.copy()
    for seed in range(200):
        out = distort(image, np.random.default_rng(seed))
        assert out.dtype == np.uint8
        assert out.ndim == 2
        assert out.size > 0
    np.testing.assert_array_equal(image, before)
