"""Images of every kind that people have, as uint8 arrays: paths, bytes, open files, PIL images, numpy arrays.

Every problem with an image becomes an ImageError of one line; decoders meet damaged and hostile files all the time.
"""

from __future__ import annotations

import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from bitocr.defaults import MAX_PIXELS
from bitocr.errors import ImageError
from bitocr.io import jpeg, webp
from bitocr.io.frames import frames, has_pages
from bitocr.io.pixels import decoder_errors, from_array, from_pil, open_image
from bitocr.io.repair import repaired

# What a reader takes: a path, an encoded image's bytes, a binary file, a PIL image, or an array uint8, uint16 or bool
# [H, W(, 1|3|4)].
Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | Image.Image | NDArray[Any]

SUFFIXES = frozenset(
    ".apng .avif .bmp .dib .gif .heic .heif .hif .j2k .jfif .jif .jp2 .jpe .jpeg .jpf .jpg .jpx .pbm .pgm .png .pnm "
    ".ppm .tif .tiff .webp".split()
)
# Pictures that nothing here can decode. In a folder they are reported, because people expect them to be read.
FOREIGN_SUFFIXES = frozenset(
    ".arw .cr2 .cr3 .djvu .dng .eps .exr .heics .ico .jxl .jxr .nef .orf .pcx .pdf .psd .raf .rw2 .svg .svgz .tga "
    ".wmf .xcf".split()
)

# Pillow's formats for pictures (others are risky: EPS, for one, starts a program).
_COMMON = ("PNG", "JPEG", "PPM", "GIF", "BMP")
_OTHERS = ("WEBP", "TIFF", "MPO", "AVIF", "JPEG2000", "HEIF")
MAX_FILE_BYTES = 256 << 20
_WHOLE_FILE_BYTES = 1 << 20  # files up to here are read at once; of larger ones Pillow may need a part
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)  # on Windows the lines would be changed without it
_HEIC = re.compile(rb"....ftyp(hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL)
_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # a Path has one slash less


def load(source: Source, max_pixels: int = MAX_PIXELS) -> NDArray[np.uint8]:
    """The pixels of an image, upright: uint8 [H, W] gray, [H, W, 3] RGB or [H, W, 4] RGBA. Raises ImageError.

    Of a file with several pages it is the first.
    """
    return next(load_pages(source, max_pixels))


def load_pages(source: Source, max_pixels: int = MAX_PIXELS) -> Iterator[NDArray[np.uint8]]:
    """The pixels of each page of an image, as `load` gives them: of a TIFF file all pages, of all else one.

    max_pixels: of a page; larger ones are refused before they are decoded. Raises ImageError, also after some pages.
    """
    if isinstance(source, np.ndarray):
        yield from_array(source, max_pixels)
    elif isinstance(source, Image.Image):
        with decoder_errors():
            yield from_pil(source, max_pixels)
    elif isinstance(source, (str, os.PathLike)):
        yield from _path_pages(source, max_pixels)
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield from _bytes_pages(bytes(source), max_pixels)
    elif hasattr(source, "read"):
        yield from _file_pages(_buffer(source), max_pixels)
    else:
        kind = type(source).__name__
        raise ImageError(f"an image is a path, bytes, a binary file, a PIL image or an array, not {kind}")


def _path_pages(path: str | os.PathLike[str], max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    _check_name(os.fspath(path))
    try:
        number = os.open(path, _READ)
        try:
            yield from _open_pages(number, os.fstat(number), max_pixels)
        finally:
            os.close(number)
    except ImageError as error:
        raise ImageError(f"{Path(path)}: {error}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise ImageError(f"{Path(path)}: {getattr(error, 'strerror', None) or error}") from None


def _open_pages(number: int, status: os.stat_result, max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    """Loads an open file: an everyday one with a single call of the system."""
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG and 0 < status.st_size <= _WHOLE_FILE_BYTES:
        yield from _bytes_pages(os.read(number, status.st_size), max_pixels)
        return
    if kind == stat.S_IFDIR:
        raise ImageError("a folder, not an image")
    if kind in (stat.S_IFCHR, stat.S_IFBLK):
        raise ImageError("a device, not an image")
    with open(number, "rb", closefd=False) as file:
        yield from _file_pages(file if status.st_size > _WHOLE_FILE_BYTES else _buffer(file), max_pixels)


def _check_name(path: str) -> None:
    """Raises ImageError for arguments that people mistake for file names."""
    if not path:
        raise ImageError("the image's path is empty")
    if path.startswith("data:"):
        raise ImageError("a data URL, not a file: decode it, and give its bytes")
    if _URL.match(path) and not os.path.exists(path):
        raise ImageError(f"{path}: a URL, not a file: download the image first")


def _buffer(file: IO[bytes]) -> io.BytesIO:
    """A stream's contents up to the limit; from its start, as in Pillow, if it can seek."""
    with suppress(OSError, AttributeError):
        file.seek(0)
    data = file.read(MAX_FILE_BYTES + 1)
    if not isinstance(data, bytes):
        raise ImageError("the file is opened as text: open it with mode 'rb'")
    if len(data) > MAX_FILE_BYTES:
        raise ImageError(f"more than {MAX_FILE_BYTES >> 20} MB: not an image of a line")
    return io.BytesIO(data)


def _bytes_pages(data: bytes, max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    pixels = webp.decode(data) if data.startswith(b"RIFF") else jpeg.decode(data)
    if pixels is None:
        yield from _file_pages(io.BytesIO(data), max_pixels)
    else:
        yield from_array(pixels, max_pixels)


def _file_pages(file: IO[bytes], max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    _check_scans(file)
    try:
        yield from _decode(file, max_pixels)
    except ImageError:
        data = _repair(file, max_pixels)
        if data is None:
            raise
        yield from _decode(io.BytesIO(data), max_pixels)


def _check_scans(file: IO[bytes]) -> None:
    """Raises ImageError for a JPEG file that would take its decoder minutes or hours."""
    file.seek(0)
    if file.read(2) == jpeg.START and (scans := jpeg.scans(file.read(MAX_FILE_BYTES))) > jpeg.MAX_SCANS:
        raise ImageError(f"a JPEG file of {scans:,} scans, made to take long: save it anew")
    file.seek(0)


def _repair(file: IO[bytes], max_pixels: int) -> bytes | None:
    file.seek(0)
    with suppress(Exception):  # what is wrong has been said already
        return repaired(file.read(MAX_FILE_BYTES), max_pixels)
    return None


def _decode(file: IO[bytes], max_pixels: int) -> Iterator[NDArray[np.uint8]]:
    with decoder_errors(), open_any(file, max_pixels) as image:
        if has_pages(image):
            yield from frames(image, max_pixels)
            return
        array = next(frames(image, max_pixels))
    del image  # while the array is in use, the decoder's own pixels take as much memory again
    yield array


def open_any(file: IO[bytes], max_pixels: int) -> Image.Image:
    """Opens with Pillow's everyday decoders first: loading all of them takes longer than reading a line."""
    for load_more, names in ((Image.preinit, _COMMON), (Image.init, _OTHERS)):
        load_more()
        file.seek(0)
        try:
            return open_image(file, [name for name in names if name in Image.OPEN], max_pixels)
        except UnidentifiedImageError:
            continue
    file.seek(0)
    head = file.read(12)
    if _HEIC.match(head) and "HEIF" not in Image.OPEN:
        return _open_heif(file)
    raise ImageError("not an image in a format that bitocr reads" if head else "empty")


def _open_heif(file: IO[bytes]) -> Image.Image:
    """Opens what Pillow reads only with a package that adds the format."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        raise ImageError("a HEIC image: run pip install pillow-heif, or convert it to JPEG or PNG") from None
    register_heif_opener()
    file.seek(0)
    return Image.open(file, formats=["HEIF"])
