"""Images of every kind become uint8 arrays, or give one line that says what is wrong."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, features

from bitocr.errors import ImageError
from bitocr.io.images import MAX_PIXELS, load

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 50, 3), dtype=np.uint8)
RGB = Image.fromarray(PIXELS)


def encode(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "TIFF"])
def test_lossless_formats(kind: str, tmp_path: Path) -> None:
    data = encode(RGB, kind)
    path = tmp_path / "image"
    path.write_bytes(data)
    for source in (data, bytearray(data), memoryview(data), io.BytesIO(data), path, str(path), path.open("rb"), RGB):
        np.testing.assert_array_equal(load(source), PIXELS)


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "WEBP", "MPO", "JPEG2000"])
def test_lossy_formats(kind: str) -> None:
    if kind in ("WEBP", "JPEG2000") and not features.check({"WEBP": "webp", "JPEG2000": "jpg_2000"}[kind]):
        pytest.skip(f"this Pillow has no {kind}")
    assert load(encode(RGB, kind)).shape == (20, 50, 3)


@pytest.mark.parametrize(
    ("mode", "shape"),
    [
        ("1", (20, 50)), ("L", (20, 50)), ("P", (20, 50, 3)), ("RGB", (20, 50, 3)), ("RGBA", (20, 50, 4)),
        ("LA", (20, 50, 4)), ("PA", (20, 50, 4)), ("CMYK", (20, 50, 3)), ("YCbCr", (20, 50, 3)), ("LAB", (20, 50, 3)),
        ("HSV", (20, 50, 3)), ("I", (20, 50)), ("RGBX", (20, 50, 3)), ("La", (20, 50, 4)), ("RGBa", (20, 50, 4)),
    ],
)  # fmt: skip
def test_modes(mode: str, shape: tuple[int, ...]) -> None:
    way = {"La": ("LA", "La"), "RGBa": ("RGBA", "RGBa")}.get(mode, (mode,))  # as Pillow can go it
    array = load(reduce(Image.Image.convert, way, RGB))
    assert array.shape == shape
    assert array.dtype == np.uint8
    assert array.max() > 200
    assert array.min() < 50


def test_one_bit_black_and_white() -> None:
    bits = PIXELS[:, :, 0] > 128
    np.testing.assert_array_equal(load(encode(Image.fromarray(bits))), bits * np.uint8(255))


@pytest.mark.parametrize(("bits", "shift"), [(8, 0), (10, 2), (12, 4), (16, 8)])
@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bits_use_the_bits_that_are_there(bits: int, shift: int, kind: str) -> None:
    values = np.linspace(0, 2**bits - 1, 1000).astype(np.uint16).reshape(20, 50)
    np.testing.assert_array_equal(load(encode(Image.fromarray(values), kind)), values >> shift)


def test_16_bits_of_few_values_keep_their_contrast() -> None:
    array = load(encode(Image.fromarray(np.linspace(30000, 30255, 1000).astype(np.uint16).reshape(20, 50))))
    assert (array.min(), array.max()) == (0, 255)
    assert load(encode(Image.fromarray(np.full((20, 50), 30000, np.uint16)))).max() == 30000 >> 7


@pytest.mark.parametrize("options", [{"transparency": 0}, {"transparency": b"\x80" * 16}])
def test_transparent_palette(options: dict[str, Any]) -> None:
    array = load(encode(RGB.quantize(16), **options))
    assert array.shape == (20, 50, 4)
    assert array[:, :, 3].min() < 255


@pytest.mark.parametrize(("mode", "transparency"), [("L", 7), ("RGB", (1, 2, 3))])
def test_transparent_colour(mode: str, transparency: Any) -> None:
    """A PNG without an alpha channel may name one transparent colour."""
    image = Image.new(mode, (8, 4), transparency)
    image.paste(Image.new(mode, (3, 4), "white"))
    array = load(encode(image, transparency=transparency))
    assert array.shape == (4, 8, 4)
    np.testing.assert_array_equal(array[:, :, 3], np.repeat([[255, 0]], (3, 5), 1).repeat(4, 0))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "TIFF"])
def test_first_frame_of_many(kind: str) -> None:
    frames = [Image.new("RGB", (8, 4), (level, level, level)) for level in (250, 20, 130)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:])
    assert abs(int(load(data).mean()) - 250) < 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
@pytest.mark.parametrize(("orientation", "turned"), [(1, 0), (3, 2), (6, 3), (8, 1)])
def test_exif_orientation(kind: str, orientation: int, turned: int) -> None:
    gray = np.zeros((8, 16), np.uint8)
    gray[:, :4] = 255
    exif = Image.Exif()
    exif[0x0112] = orientation
    array = load(encode(Image.fromarray(gray), kind, exif=exif))
    np.testing.assert_allclose(array, np.rot90(gray, turned), atol=12)


def test_damaged_exif_is_ignored() -> None:
    assert load(encode(RGB, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")).shape == (20, 50, 3)


def test_arrays_are_taken_as_they_are() -> None:
    for array in (PIXELS, PIXELS[:, :, 0], PIXELS[:, :, :1], PIXELS[::2, ::-1], np.dstack([PIXELS, PIXELS[:, :, 0]])):
        assert load(array) is array


def text_file(tmp_path: Path) -> Path:
    path = tmp_path / "text.png"
    path.write_text("not an image\n" * 100)
    return path


PNG, JPEG = encode(RGB), encode(RGB, "JPEG")
BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "missing file": (lambda t: t / "none.png", "none.png: No such file"),
    "folder": (lambda t: t, "a folder, not an image"),
    "null character": (lambda t: "a\0b.png", "null"),
    "long name": (lambda t: "a" * 5000, "too long"),
    "device": (lambda t: "/dev/zero", "/dev/zero: a device"),
    "text called png": (text_file, r"text\.png: not an image"),
    "empty bytes": (lambda t: b"", "empty"),
    "empty file": (lambda t: io.BytesIO(), "empty"),
    "text": (lambda t: b"hello", "not an image"),
    "PostScript": (lambda t: encode(RGB, "EPS"), "not an image"),
    "PNG magic only": (lambda t: PNG[:8], "not an image|damaged"),
    "half a PNG": (lambda t: PNG[: len(PNG) // 2], "damaged or cut short"),
    "half a JPEG": (lambda t: JPEG[: len(JPEG) // 2], "damaged or cut short"),
    "PNG with a wrong byte": (lambda t: PNG[:60] + b"\xff" + PNG[61:], "damaged or cut short"),
    "header of 400 million pixels": (lambda t: b"P5 20000 20000 255\n", "too large"),
    "header of 90 million pixels": (lambda t: b"P5 9000 10000 255\n", "9000 x 10000"),
    "header of 41 million pixels": (lambda t: b"P5 4100 10000 255\n", "more than 40,000,000 pixels"),
    "floating-point": (lambda t: Image.new("F", (4, 4)), "floating-point"),
    "file opened as text": (lambda t: io.StringIO("a"), "mode 'rb'"),
    "float array": (lambda t: np.zeros((4, 4)), "float64: scale it"),
    "complex array": (lambda t: np.zeros((4, 4), complex), "complex128: scale it"),
    "int16 array": (lambda t: np.zeros((4, 4), np.int16), "int16: scale it"),
    "scalar array": (lambda t: np.array(3, np.uint8), "scalar"),
    "vector": (lambda t: np.zeros(4, np.uint8), "the array is 4"),
    "two channels": (lambda t: np.zeros((4, 4, 2), np.uint8), "4 x 4 x 2"),
    "batch": (lambda t: np.zeros((2, 4, 4, 3), np.uint8), "2 x 4 x 4 x 3"),
    "no rows": (lambda t: np.zeros((0, 4), np.uint8), "no pixels"),
    "no columns": (lambda t: np.zeros((4, 0, 3), np.uint8), "no pixels"),
    "huge array": (lambda t: np.broadcast_to(np.uint8(0), (MAX_PIXELS, 2)), "too large"),
    "empty path": (lambda t: "", "path is empty"),
    "URL": (lambda t: "https://example.org/a.png", "https://example.org/a.png: a URL, not a file: download"),
    "URL as a path": (lambda t: Path("https://example.org/a.png"), "a URL, not a file"),
    "data URL": (lambda t: "data:image/png;base64,iVBORw0KGgo=", "^a data URL"),
    "None": (lambda t: None, "NoneType"),
    "number": (lambda t: 3, "int"),
    "list": (lambda t: [[1, 2], [3, 4]], "list"),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_bad_images_are_told_in_one_line(name: str, tmp_path: Path) -> None:
    make, message = BAD[name]
    with pytest.raises(ImageError, match=message) as caught:
        load(make(tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM"])
def test_damaged_files_never_raise_anything_else(kind: str) -> None:
    data, rng = encode(RGB, kind), np.random.default_rng(1)
    for length in range(0, len(data), max(1, len(data) // 40)):
        attempt(data[:length])
    for _ in range(60):
        flipped = np.frombuffer(data, np.uint8).copy()
        flipped[rng.integers(0, min(len(data), 200), 3)] = rng.integers(0, 256, 3)
        attempt(flipped.tobytes())


def attempt(data: bytes) -> None:
    with suppress(ImageError):
        assert load(data).dtype == np.uint8


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(PNG,))
    writer.start()
    np.testing.assert_array_equal(load(path), PIXELS)
    writer.join()
