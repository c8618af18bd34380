"""Preparation of an image by the C engine: gray, margins, height 32."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ImageError
from bitocr.native import library
from bitocr.native.library import call, lib

HEIGHT = 32
"""The height of a line from `prepare`, and of the networks in `bitocr.lab`: BITOCR_HEIGHT of bitocr.h."""
MAX_WIDTH = 8192


def natural_width(width: int, height: int) -> int:
    """The width at which a line of this size in pixels is read: 4 * round(8 * width / height) + 16."""
    return int(lib.bitocr_natural_width(width, height))


def prepare(array: NDArray[np.uint8], width: int | None = None) -> NDArray[np.int8]:
    """Turn an image into the network's input: gray, resized to height 32, normalised.

    array: uint8 [H, W], or [H, W, 3] RGB, or [H, W, 4] RGBA. width: a multiple of 4 from 16 to 8192; by default the
    image's own (`natural_width`). Returns int8 [32, width]; the network takes it divided by 32.
    Raises ImageError if it is not an image or too long, UsageError if the width is wrong.
    """
    image, owner = image_view(array)
    if width is None:
        width = natural_width(image.width, image.height)
    out = np.empty((HEIGHT, min(max(width, 0), MAX_WIDTH)), np.int8)
    call(lib.bitocr_prepare, image, width, out.ctypes.data)
    del owner
    return out


def trim(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is read of an image, uint8 [H, W] or [H, W, channels]: a view of it without blank margins.

    Where there is no ink, the engine reads nothing; here all of the image is given back. Raises ImageError.
    """
    image, owner = image_view(array)
    part = library.Image()
    call(lib.bitocr_trim, image, part)
    if not part.width:
        return array
    top, left = divmod(part.pixels - image.pixels, image.stride)
    left //= image.channels
    del owner
    return array[top : top + part.height, left : left + part.width]


def gray(array: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gray as `prepare` takes it, uint8 [H, W], of uint8 [H, W] or [H, W, 1, 3 or 4]. Raises ImageError."""
    image, owner = image_view(array)
    out = np.empty((image.height, image.width), np.uint8)
    call(lib.bitocr_gray, image, out.ctypes.data)
    del owner
    return out


def image_view(array: Any) -> tuple[library.Image, NDArray[np.uint8]]:
    """The C view of a uint8 array [H, W] or [H, W, 1|3|4], and the array that owns its pixels."""
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim not in (2, 3):
        kind = f"{array.dtype} {list(array.shape)}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ImageError(f"an image is a uint8 array [H, W] or [H, W, 1, 3 or 4 channels], not {kind}")
    height, width = array.shape[:2]
    channels = array.shape[2] if array.ndim == 3 else 1
    stride, inner = array.strides[0], array.strides[1:]
    if stride < width * channels or inner != (channels, 1)[: array.ndim - 1]:
        array, stride = np.array(array, order="C"), width * channels
    return library.Image(array.ctypes.data, width, height, stride, channels), array
