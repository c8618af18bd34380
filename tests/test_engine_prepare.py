"""Preparation of the network's input, compared with Pillow's filter and numpy's arithmetic."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import kernel_hooks
from bitocr.errors import ImageError, UsageError
from bitocr.native import image as pixels
from bitocr.native.image import natural_width, prepare

SIZES = [  # height, width, input width
    (64, 256, 128), (32, 128, 128), (31, 77, 80), (16, 40, 80), (1, 1, 16), (1, 500, 128), (500, 1, 16),
    (2, 3, 64), (33, 129, 132), (200, 900, 144), (7, 2000, 256), (90, 2050, 744), (1200, 1600, 44), (32, 16, 8192),
]  # fmt: skip


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    """A picture that is both smooth and rough: blocks of random gray with noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (max(1, shape[0] // 5 + 1), max(1, shape[1] // 5 + 1), *shape[2:]))
    blocks = coarse.repeat(5, 0).repeat(5, 1)[: shape[0], : shape[1]]
    return np.clip(blocks + rng.integers(-40, 41, shape), 0, 255).astype(np.uint8)


def gray(rgb: np.ndarray) -> np.ndarray:
    r, g, b = np.moveaxis(rgb.astype(np.int32), -1, 0)
    return ((77 * r + 150 * g + 29 * b + 128) >> 8).astype(np.uint8)


def normalised(resized: np.ndarray) -> np.ndarray:
    """The int8 levels of a resized uint8 image, as real numbers before rounding."""
    p = resized.astype(np.float64)
    return np.clip((p - p.mean()) * 32 / max(p.std(), 4), -127, 127)


@pytest.mark.parametrize(("height", "width", "out_width"), SIZES)
def test_resize_agrees_with_pillow(height: int, width: int, out_width: int) -> None:
    image = noise(height, width)
    resized = np.asarray(Image.fromarray(image).resize((out_width, 32), Image.Resampling.BILINEAR))
    grays_per_level = max(resized.std(), 4) / 32
    error = np.abs(prepare(image, out_width) - normalised(resized)) * grays_per_level
    assert error.max() <= 1.5 + grays_per_level


@pytest.mark.parametrize(("height", "width"), [(16, 60), (48, 100), (256, 32), (2, 16)])
def test_other_heights(height: int, width: int) -> None:
    """Heights of models, as their headers say."""
    for image in (noise(37, 90), noise(300, 20)):
        resized = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))
        grays_per_level = max(resized.std(), 4) / 32
        error = np.abs(kernel_hooks.prepare(image, height, width) - normalised(resized)) * grays_per_level
        assert error.max() <= 1.5 + grays_per_level


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("steps", [1, 16, 64])
def test_same_size_is_exact(seed: int, steps: int) -> None:
    """Also if it is faint: noise of a few levels does not become text."""
    image = noise(32, 64, seed=seed) // steps + 20
    q = normalised(image)
    expected = np.trunc(q + np.copysign(0.5, q)).astype(np.int8)
    np.testing.assert_array_equal(prepare(image, 64), expected)


@pytest.mark.parametrize(("height", "width"), [(40, 90), (3, 7), (1, 1), (700, 20), (9, 1024), (300, 2049)])
def test_channels(height: int, width: int) -> None:
    rgb = noise(height, width, 3)
    opaque = np.dstack([rgb, np.full((height, width), 255, np.uint8)])
    expected = prepare(gray(rgb), 96)
    for same in (rgb, opaque, gray(rgb)[:, :, None]):
        np.testing.assert_array_equal(prepare(same, 96), expected)
        np.testing.assert_array_equal(pixels.gray(same), gray(rgb))


def test_gray_of_part_of_an_image() -> None:
    image = noise(20, 30, 4)
    image[..., 3] = 255
    np.testing.assert_array_equal(pixels.gray(image[3:9, 5:25]), gray(image[3:9, 5:25, :3]))
    np.testing.assert_array_equal(pixels.gray(image[:, ::2, 0]), image[:, ::2, 0])
    with pytest.raises(ImageError, match="empty"):
        pixels.gray(np.zeros((0, 4), np.uint8))


def lettering(level: int, label: int | None = None) -> np.ndarray:
    """RGBA: gray bars on transparency, or on a label of another gray with a margin."""
    rgba = np.zeros((30, 80, 4), np.uint8)
    if label is not None:
        rgba[4:26, 6:74] = (label, label, label, 255)
    rgba[8:22, 10:70:6] = (level, level, level, 255)
    return rgba


@pytest.mark.parametrize(
    ("level", "label", "ground"),
    [
        (0, None, 255), (90, None, 255), (190, None, 255), (255, None, 0), (225, None, 0),
        (0, 255, 255), (255, 0, 255), (255, 40, 255), (120, 240, 255), (255, 250, 0),
    ],
)  # fmt: skip
def test_transparency_is_shown_on_the_ground_that_shows_what_is_there(
    level: int, label: int | None, ground: int
) -> None:
    rgba = lettering(level, label)
    expected = np.where(rgba[:, :, 3] == 255, rgba[:, :, 0], ground).astype(np.uint8)
    np.testing.assert_array_equal(pixels.gray(rgba), expected)
    np.testing.assert_array_equal(prepare(rgba, 64), prepare(expected, 64))
    np.testing.assert_array_equal(pixels.gray(rgba[5:20, 3:50]), pixels.gray(np.ascontiguousarray(rgba[5:20, 3:50])))


@pytest.mark.parametrize("alpha", [0, 255])
def test_the_ground_of_one_alpha_is_white(alpha: int) -> None:
    rgba = np.full((9, 20, 4), alpha, np.uint8)
    rgba[:, ::3, :3] = 250
    expected = rgba[:, :, 0] if alpha else np.full((9, 20), 255)
    np.testing.assert_array_equal(pixels.gray(rgba), expected)


def test_alpha_is_shown_on_white() -> None:
    rgba = noise(32, 64, 4)
    c, a = rgba[..., :3].astype(np.int64), rgba[..., 3:].astype(np.int64)
    white = ((2 * (c * a + 255 * (255 - a)) + 255) // 510).astype(np.uint8)
    np.testing.assert_array_equal(prepare(rgba, 64), prepare(white, 64))


def test_strides() -> None:
    image = noise(80, 120, 3)
    for view in (
        image[10:60, 20:100],
        image[::2],
        image[:, ::3],
        image[::-1],
        image[..., ::-1],
        image.transpose(1, 0, 2),
    ):
        np.testing.assert_array_equal(prepare(view, 64), prepare(view.copy(), 64))


@pytest.mark.parametrize("shape", [(1, 1), (32, 128), (50, 333), (5000, 3), (3, 5000)])
@pytest.mark.parametrize("level", [0, 1, 127, 255])
def test_constant_image_is_zero(shape: tuple[int, int], level: int) -> None:
    assert not prepare(np.full(shape, level, np.uint8), 64).any()


def test_extremes_do_not_overflow() -> None:
    image = np.zeros((32, 8192), np.uint8)
    image[0, 0] = 255
    q = prepare(image, 8192)
    assert q[0, 0] == 127
    assert (255 - prepare(255 - image, 8192).astype(int))[0, 0] == 255 + 127


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (100, 32, 116),
        (101, 32, 116),
        (102, 32, 120),
        (1, 1000, 16),
        (64, 64, 48),
        (1000, 10, 3216),
        (7, 1, 240),
        (0, 5, 0),
    ],
)
def test_natural_width(width: int, height: int, expected: int) -> None:
    assert natural_width(width, height) == expected
    if expected:
        assert prepare(np.zeros((height, width), np.uint8)).shape == (32, expected)


BAD = [
    (np.zeros((1, 300), np.uint8), None, ImageError, "too long: 9616 pixels wide"),
    (np.zeros((1, 65535), np.uint8), None, ImageError, "too long"),
    (np.zeros((65536, 1), np.uint8), None, ImageError, "too large"),
    (np.zeros((0, 10), np.uint8), 32, ImageError, "empty"),
    (np.zeros((10, 0, 3), np.uint8), 32, ImageError, "empty"),
    (np.zeros((10, 10, 2), np.uint8), 32, ImageError, "2"),
    (np.zeros((10, 10, 0), np.uint8), 32, ImageError, "0"),
    (np.zeros((10,), np.uint8), 32, ImageError, "uint8 array"),
    (np.zeros((10, 10), np.float32), 32, ImageError, "uint8 array"),
    ([[1, 2], [3, 4]], 32, ImageError, "not list"),
    (np.zeros((10, 10), np.uint8), 33, UsageError, "multiple of 4"),
    (np.zeros((10, 10), np.uint8), 0, UsageError, "multiple of 4"),
    (np.zeros((10, 10), np.uint8), -4, UsageError, "multiple of 4"),
    (np.zeros((10, 10), np.uint8), 8196, ImageError, "too long"),
]


@pytest.mark.parametrize(("array", "width", "error", "message"), BAD)
def test_bad_arguments(array: np.ndarray, width: int | None, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message) as caught:
        prepare(array, width)
    assert "\n" not in str(caught.value)
