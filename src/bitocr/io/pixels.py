"""Pixels of every kind as uint8 arrays: numpy arrays and PIL images of any mode, depth and size."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.errors import ImageError

_ORIENTATION = 0x0112  # the EXIF tag
_PILLOWS_LIMIT = threading.Lock()  # it is one for the whole process
_NARROW = 16
_STRIP_PIXELS = 1 << 20  # of a large image, what is copied at once: a copy of all of it takes as much again


@contextmanager
def decoder_errors() -> Iterator[None]:
    """Turns what Pillow raises into ImageError; its decoders raise nearly everything on damaged files."""
    try:
        yield
    except ImageError:
        raise
    except MemoryError:
        raise ImageError("not enough memory for it: crop or shrink it") from None
    except Exception as error:
        raise ImageError(f"damaged or cut short ({' '.join(str(error).split()) or type(error).__name__})") from None


def too_large(what: str, limit: int) -> ImageError:
    return ImageError(
        f"too large: {what}, more than {limit:,} pixels; crop or shrink it, or raise max_pixels (--max-pixels)"
    )


def open_image(file: IO[bytes], formats: list[str], limit: int) -> Image.Image:
    """Image.open, for images that Pillow takes for an attack too, up to our limit. Raises ImageError."""
    try:
        return Image.open(file, formats=formats)
    except Image.DecompressionBombError as error:
        pixels = re.search(r"(\d+) pixels", str(error))
        if pixels and int(pixels[1]) > limit:
            raise too_large(f"{int(pixels[1]):,} pixels", limit) from None
    file.seek(0)
    with _PILLOWS_LIMIT:
        kept, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            return Image.open(file, formats=formats)
        finally:
            Image.MAX_IMAGE_PIXELS = kept


def check_size(width: int, height: int, limit: int) -> None:
    """Raises ImageError for an image without pixels, or with more than `limit`."""
    if width < 1 or height < 1:
        raise ImageError(f"no pixels in it ({width} x {height})")
    if width * height > limit:
        raise too_large(f"{width} x {height}", limit)


def from_array(array: NDArray[Any], limit: int) -> NDArray[np.uint8]:
    """An array [H, W(, 1|3|4)] as uint8: uint8 as it is, bool as black and white, uint16 by the bits in use."""
    shape = " x ".join(map(str, array.shape)) or "scalar"
    is_16_bits = array.dtype.kind == "u" and array.dtype.itemsize == 2
    if not (array.dtype in (np.uint8, np.bool_) or is_16_bits):
        raise ImageError(f"the array ({shape}) is {array.dtype}: scale it to 0-255 and convert with .astype('uint8')")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))):
        raise ImageError(f"the array is {shape}: an image is height x width, or height x width x 1, 3 or 4 channels")
    check_size(array.shape[1], array.shape[0], limit)
    if is_16_bits:
        return _fit_8_bits(array)
    return array * np.uint8(255) if array.dtype == np.bool_ else array


def from_pil(image: Image.Image, limit: int) -> NDArray[np.uint8]:
    """The current frame of a PIL image, turned by its EXIF orientation."""
    check_size(*image.size, limit)
    image.load()
    if image.mode.startswith("I"):
        return _fit_8_bits(np.asarray(_upright(image)))
    return _as_array(_to_8_bits(_upright(image)))


def _upright(image: Image.Image) -> Image.Image:
    try:
        if image.getexif().get(_ORIENTATION, 1) == 1:
            return image
        from PIL import ImageOps

        return ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block: the pixels are fine
        return image


def _to_8_bits(image: Image.Image) -> Image.Image:
    """To gray, RGB or RGBA; palettes, CMYK, YCbCr, 1 bit and the rest become what they look like."""
    if image.mode in ("L", "RGB", "RGBA"):
        return image.convert("RGBA") if "transparency" in image.info and image.mode != "RGBA" else image
    if image.mode == "1":
        return image.convert("L")
    if image.mode == "F":
        raise ImageError("its pixels are floating-point numbers: convert it to 8 bits")
    if image.mode == "La":  # which Pillow turns into nothing else
        image = image.convert("LA")
    if image.mode in ("LA", "PA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _as_array(image: Image.Image) -> NDArray[np.uint8]:
    """np.asarray, without the second and third copy that it makes for a moment."""
    if image.width * image.height <= _STRIP_PIXELS:
        return np.asarray(image)
    rows = max(1, _STRIP_PIXELS // image.width)
    bands = len(image.getbands())
    out = np.empty((image.height, image.width, bands) if bands > 1 else (image.height, image.width), np.uint8)
    for top in range(0, image.height, rows):
        bottom = min(top + rows, image.height)
        out[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return out


def _fit_8_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """16- and 32-bit values to 8 bits by the bits that are in use: scanners store 10 or 12 of them in 16.

    Values in less than a sixteenth of that range would be left in a few shades of gray: these are stretched.
    """
    positive = np.maximum(pixels, 0)
    least, most = int(positive.min()), int(positive.max())
    if most >= 256 and 0 < most - least < most // _NARROW:
        return ((positive - least) * 255.0 / (most - least)).astype(np.uint8)
    return (positive >> max(0, most.bit_length() - 8)).astype(np.uint8)
