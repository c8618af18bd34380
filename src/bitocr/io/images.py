"""Images of every kind that people have, as uint8 arrays: paths, bytes, open files, PIL images, numpy arrays.

Whatever is wrong with an image ends as ImageError with one line; decoders meet damaged and hostile files all the time.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bitocr.errors import ImageError
from bitocr.io import jpeg, webp

# What a reader takes: a path, an encoded image's bytes, a binary file, a PIL image, or an array uint8 [H, W(, 1|3|4)].
Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | NDArray[Any]

SUFFIXES = frozenset(".avif .bmp .gif .jp2 .jpeg .jpg .pbm .pgm .png .pnm .ppm .tif .tiff .webp".split())

# From Pillow's formats those that hold pictures and whose decoders are pictures' (EPS, for one, starts a program).
_COMMON = ("PNG", "JPEG", "PPM", "GIF", "BMP")
_OTHERS = ("WEBP", "TIFF", "MPO", "AVIF", "JPEG2000")
MAX_PIXELS = 80_000_000
MAX_FILE_BYTES = 256 << 20
_WHOLE_FILE_BYTES = 1 << 20  # files up to here are read at once; of larger ones Pillow may need a part
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # on Windows the lines would be changed without it
_ORIENTATION = 0x0112  # the EXIF tag


def load(source: Source) -> NDArray[np.uint8]:
    """The pixels of an image, upright: uint8 [H, W] gray, [H, W, 3] RGB or [H, W, 4] RGBA. Raises ImageError."""
    if isinstance(source, np.ndarray):
        return _check_array(source)
    if isinstance(source, Image.Image):
        with _decoder_errors():
            return _from_pil(source)
    if isinstance(source, (str, os.PathLike)):
        return _load_path(source)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _decode_bytes(bytes(source))
    if hasattr(source, "read"):
        return _decode(_buffer(source))
    raise ImageError(f"an image is a path, bytes, a binary file, a PIL image or an array, not {type(source).__name__}")


def _load_path(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    try:
        number = os.open(path, _READ)
        try:
            return _load_open(number, os.fstat(number))
        finally:
            os.close(number)
    except ImageError as error:
        raise ImageError(f"{Path(path)}: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise ImageError(f"{Path(path)}: {getattr(error, 'strerror', None) or error}") from None


def _load_open(number: int, status: os.stat_result) -> NDArray[np.uint8]:
    """Loads an open file: an everyday one with a single call of the system."""
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG and 0 < status.st_size <= _WHOLE_FILE_BYTES:
        return _decode_bytes(os.read(number, status.st_size))
    if kind == stat.S_IFDIR:
        raise ImageError("a folder, not an image")
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        raise ImageError("a device, not an image")
    with open(number, "rb", closefd=False) as file:
        return _decode(file if status.st_size > _WHOLE_FILE_BYTES else _buffer(file))


def _buffer(file: IO[bytes]) -> io.BytesIO:
    """All of a stream that may not be able to seek, up to the limit."""
    data = file.read(MAX_FILE_BYTES + 1)
    if not isinstance(data, bytes):
        raise ImageError("the file is opened as text: open it with mode 'rb'")
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"more than {MAX_FILE_BYTES >> 20} MB: not an image of a line")
    return io.BytesIO(data)


def _decode_bytes(data: bytes) -> NDArray[np.uint8]:
    pixels = webp.decode(data) if data.startswith(b"RIFF") else jpeg.decode(data)
    return _decode(io.BytesIO(data)) if pixels is None else pixels


def _decode(file: IO[bytes]) -> NDArray[np.uint8]:
    with _decoder_errors(), _open(file) as image:
        return _from_pil(image)


def _open(file: IO[bytes]) -> Image.Image:
    """Opens with Pillow's everyday decoders first: loading all of them takes longer than reading a line."""
    for load_more, names in ((Image.preinit, _COMMON), (Image.init, _OTHERS)):
        load_more()
        file.seek(0)
        try:
            return Image.open(file, formats=[name for name in names if name in Image.OPEN])
        except UnidentifiedImageError:
            continue
    file.seek(0)
    raise ImageError("not an image of a format that is read here" if file.read(1) else "empty")


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """Turns what Pillow raises into ImageError; its decoders raise nearly everything on damaged files."""
    try:
        yield
    except ImageError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(f"too large: more than {MAX_PIXELS // 1_000_000} million pixels; crop or shrink it") from None
    except MemoryError:
        raise ImageError("too large for the memory there is; crop or shrink it") from None
    except Exception as error:
        raise ImageError(f"damaged or cut short ({' '.join(str(error).split()) or type(error).__name__})") from None


def _check_size(width: int, height: int) -> None:
    if width < 1 or height < 1:
        raise ImageError(f"no pixels in it ({width} x {height})")
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 1_000_000
        raise ImageError(f"too large: {width} x {height}, more than {limit} million pixels; crop or shrink it")


def _check_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    shape = " x ".join(map(str, array.shape)) or "scalar"
    if array.dtype != np.uint8:
        raise ImageError(f"the array ({shape}) is {array.dtype}: scale it to 0-255 and convert with .astype('uint8')")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))):
        raise ImageError(f"the array is {shape}: an image is height x width, or height x width x 1, 3 or 4 channels")
    _check_size(array.shape[1], array.shape[0])
    return array


def _from_pil(image: Image.Image) -> NDArray[np.uint8]:
    """The first frame of a PIL image, turned as its EXIF orientation says."""
    _check_size(*image.size)
    image.load()
    if image.mode.startswith("I"):
        return _fit_8_bits(np.asarray(_upright(image)))
    return np.asarray(_to_8_bits(_upright(image)))


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
    if image.mode in ("LA", "PA", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _fit_8_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """16- and 32-bit gray to 8 bits by the bits that are in use: scanners store 10 or 12 of them in 16."""
    positive = np.maximum(pixels, 0)
    shift = max(0, int(positive.max()).bit_length() - 8)
    return (positive >> shift).astype(np.uint8)
