"""The binding to the C engine: numpy in, numpy out, C errors as exceptions.

The library `_libbitocr` lies beside this file; the environment variable BITOCR_LIBRARY names another one.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import BitocrError, ImageError, ModelError, UsageError

HEIGHT = 32
_ERRORS: dict[int, type[BitocrError]] = {1: UsageError, 2: ImageError, 3: ModelError}


class _Image(ctypes.Structure):
    """bitocr_image of bitocr.h."""

    _fields_ = [
        ("pixels", ctypes.c_void_p),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("stride", ctypes.c_ssize_t),
        ("channels", ctypes.c_int),
    ]


class _Error(ctypes.Structure):
    """bitocr_error of bitocr.h."""

    _fields_ = [("message", ctypes.c_char * 256)]


def _library_path() -> Path:
    """Where the shared library is: BITOCR_LIBRARY, or beside this file."""
    if named := os.environ.get("BITOCR_LIBRARY"):
        return Path(named)
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
    return Path(__file__).with_name("_libbitocr" + suffix)


def _load_library() -> ctypes.CDLL:
    path = _library_path()
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise BitocrError(f"the engine's library cannot be loaded from {path}: {error}") from None


_lib = _load_library()
_lib.bitocr_prepare.argtypes = [ctypes.POINTER(_Image), ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(_Error)]


def _check(status: int, error: _Error) -> None:
    """Raise what a C function's status stands for."""
    if status:
        raise _ERRORS.get(status, BitocrError)(error.message.decode("utf-8", "replace"))


def _image(array: NDArray[Any]) -> tuple[_Image, NDArray[np.uint8]]:
    """The C view of a uint8 array [H, W] or [H, W, 1|3|4], and the array that owns its pixels."""
    if not isinstance(array, np.ndarray) or array.dtype != np.uint8 or array.ndim not in (2, 3):
        kind = f"{array.dtype} {list(array.shape)}" if isinstance(array, np.ndarray) else type(array).__name__
        raise ImageError(f"an image is a uint8 array [H, W] or [H, W, 1, 3 or 4 channels], not {kind}")
    channels = array.shape[2] if array.ndim == 3 else 1
    if (array.size and (array.strides[1] != channels or array.strides[0] < array.shape[1] * channels)) or (
        array.ndim == 3 and array.strides[2] != 1
    ):
        array = np.ascontiguousarray(array)
    height, width = array.shape[:2]
    return _Image(array.ctypes.data, width, height, array.strides[0], channels), array


def natural_width(width: int, height: int) -> int:
    """The input width of a line of this size in pixels: its aspect kept at height 32, a multiple of 4, at least 16."""
    return int(_lib.bitocr_natural_width(width, height))


def prepare(array: NDArray[np.uint8], width: int | None = None) -> NDArray[np.int8]:
    """Turn an image into the network's input: gray, resized to height 32, normalised.

    array: uint8 [H, W], or [H, W, 3] RGB, or [H, W, 4] RGBA. width: a multiple of 4 from 16 to 8192; by default the
    image's own, its aspect kept. Returns int8 [32, width]; the network takes it divided by 32.
    Raises ImageError where the image is none, UsageError where the width is wrong.
    """
    image, owner = _image(array)
    if width is None:
        width = natural_width(image.width, image.height)
    out = np.empty((HEIGHT, min(max(width, 0), 8192)), np.int8)
    error = _Error()
    _check(_lib.bitocr_prepare(image, width, out.ctypes.data, error), error)
    del owner
    return out
