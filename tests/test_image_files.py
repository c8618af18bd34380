"""Files of several images, damaged and very large ones, and formats that need more than Pillow."""

from __future__ import annotations

import io
import struct
import sys
import tracemalloc
import types
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from bitocr import Line, Reader
from bitocr.errors import ImageError
from bitocr.io.images import load, load_pages
from conftest import picture
from test_images import PIXELS, PNG, RGB, encode

BLANK = Image.new("L", (40, 12), 255)


def drawn(level: int, size: tuple[int, int] = (40, 12)) -> Image.Image:
    """A bar of this gray on white."""
    image = Image.new("L", size, 255)
    ImageDraw.Draw(image).rectangle((8, 3, 30, 8), fill=level)
    return image


def several(kind: str, *images: Image.Image, **options: Any) -> bytes:
    return encode(images[0], kind, save_all=True, append_images=images[1:], **options)


def test_every_page_of_a_tiff_is_read() -> None:
    pages = [drawn(0), drawn(90, (60, 20)), BLANK]
    found = list(load_pages(several("TIFF", *pages)))
    assert len(found) == 3
    for page, pixels in zip(pages, found, strict=True):
        np.testing.assert_array_equal(pixels, np.asarray(page))
    np.testing.assert_array_equal(load(several("TIFF", *pages)), np.asarray(pages[0]))


@pytest.mark.parametrize(("kinds", "pages"), [((1, 0), [1]), ((0, 1, 0), [0, 2]), ((0, 4), [0]), ((1, 1), [0])])
def test_previews_and_masks_are_no_pages(kinds: tuple[int, ...], pages: list[int], tmp_path: Path) -> None:
    images = [drawn(40 * index) for index in range(len(kinds))]
    for image, kind in zip(images, kinds, strict=True):
        image.encoderinfo = {"tiffinfo": {254: kind}}
    data = several("TIFF", *images, tiffinfo={254: kinds[0]})
    found = list(load_pages(data))
    assert [pixels.min() for pixels in found] == [40 * index for index in pages]


def test_the_pages_of_a_file_are_bounded_together() -> None:
    data = several("TIFF", *[drawn(0)] * 18)
    assert len(list(load_pages(data, 600))) == 18
    with pytest.raises(ImageError, match="17 of its 18 pages, more than 7,680 pixels"):
        list(load_pages(data, 480))


def test_a_page_that_is_damaged_is_named() -> None:
    pages = [Image.fromarray(picture(seed)) for seed in range(3)]
    data = several("TIFF", *pages, compression="tiff_adobe_deflate")
    with Image.open(io.BytesIO(data)) as image:
        image.seek(1)
        at = image.tag_v2[273][0]  # type: ignore[attr-defined]
    found = load_pages(data[:at] + bytes(200) + data[at + 200 :])
    np.testing.assert_array_equal(next(found), picture(0))
    with pytest.raises(ImageError, match=r"^page 2: damaged or cut short"):
        next(found)


def test_a_line_of_several_pages(model: Path) -> None:
    reader = Reader(model)
    pages = [picture(seed, 24 + seed) for seed in range(3)]
    alone = reader.read_lines(pages)
    source = several("TIFF", *map(Image.fromarray, pages))
    line = reader.read_line(source)
    assert line.pages == tuple(alone)
    assert line.text == "\n".join(each.text for each in alone)
    assert line.text == "".join(char.char for char in line.chars)
    assert line.confidence == pytest.approx(np.prod([each.confidence for each in alone]))
    found = reader.read_lines([pages[0], source, pages[1], source, pages[2]])
    assert found == [alone[0], line, alone[1], line, alone[2]]


def test_a_page_that_cannot_be_read(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(
        several("TIFF", Image.fromarray(picture(0)), Image.fromarray(np.tile(np.array([0, 255], np.uint8), (2, 1500))))
    )
    reader = Reader(model)
    (line,) = reader.read_lines([path], errors="return")
    assert line == Line("", 0.0, (), line.error, line.pages)
    assert str(line.error).startswith("page 2: the line is too long")
    assert [(page.text, page.error) for page in line.pages] == [
        (reader.read_line(picture(0)).text, None),
        ("", line.error),
    ]
    with pytest.raises(ImageError, match="page 2"):
        reader.read_line(path)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize(
    ("frames", "clearest"),
    [([BLANK, drawn(0)], 1), ([drawn(0), BLANK], 0), ([BLANK, drawn(200), drawn(30), drawn(120)], 2)],
)
def test_the_clearest_frame_of_an_animation_is_read(kind: str, frames: list[Image.Image], clearest: int) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    (pixels,) = load_pages(several(kind, *frames, duration=50, **options))
    gray = pixels if pixels.ndim == 2 else pixels[:, :, 0]
    np.testing.assert_array_equal(gray, np.asarray(frames[clearest]))


def test_of_an_animation_no_more_frames_are_decoded_than_an_image_may_have_pixels() -> None:
    data = several("GIF", BLANK, drawn(100), drawn(0), duration=50)
    assert [load(data, limit).min() for limit in (480, 960, 1440)] == [255, 100, 0]


def chunk(kind: bytes, data: bytes, checksum: int | None = None) -> bytes:
    crc = zlib.crc32(kind + data) if checksum is None else checksum
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


HEAD = 8 + 25  # the signature and IHDR


@pytest.mark.parametrize("kind", [b"tEXt", b"gAMA", b"tIME", b"abCd", b"acTL"])
def test_a_png_with_a_damaged_ancillary_chunk(kind: bytes, tmp_path: Path) -> None:
    data = PNG[:HEAD] + chunk(kind, b"some\0thing", 5) + PNG[HEAD:]
    path = tmp_path / "a.png"
    for source in (data, io.BytesIO(data)):
        np.testing.assert_array_equal(load(source), PIXELS)
    path.write_bytes(data[:-12] + chunk(b"zTXt", bytes(2 << 20)) + data[-12:])  # a large file
    np.testing.assert_array_equal(load(path), PIXELS)


def test_a_png_with_a_damaged_critical_chunk() -> None:
    both = PNG[:HEAD] + chunk(b"tEXt", b"a", 5) + PNG[HEAD:70] + b"\xff" + PNG[71:]
    for data in (both, PNG[:HEAD] + chunk(b"ABCD", b"a") + PNG[HEAD + 12 :], both[:200]):
        with pytest.raises(ImageError):
            load(data)


JPEGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "full resolution": {"subsampling": 0},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "restarts everywhere": {"restart_marker_blocks": 1},
    "a comment": {"comment": "a"},
}


def jpeg(name: str) -> bytes:
    image = Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 96, 3), np.uint8))
    return encode(image, "JPEG", quality=60, **JPEGS[name])


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("cut", [1, 2])
def test_a_jpeg_without_its_end_marker(name: str, cut: int) -> None:
    data = jpeg(name)
    np.testing.assert_array_equal(load(data[:-cut]), load(data))


@pytest.mark.parametrize("name", set(JPEGS) - {"progressive"})
def test_a_jpeg_that_lacks_pixels(name: str) -> None:
    data = jpeg(name)
    for cut in range(12, len(data) - 700, 37):
        with pytest.raises(ImageError, match="damaged or cut short"):
            load(data[:-cut])


def test_a_jpeg_is_cut_at_a_restart() -> None:
    data = jpeg("restarts")
    for number in range(3):
        at = data.index(bytes((0xFF, 0xD0 + number)))
        for end in (at, at + 2):
            with pytest.raises(ImageError, match="damaged or cut short"):
                load(data[:end])


def png_of_zeros(width: int, height: int) -> bytes:
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b"".join([packer.compress(row) for _ in range(height)]) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG[:8] + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_what_is_too_large_is_not_decoded(model: Path) -> None:
    data = png_of_zeros(3000, 2000)
    tracemalloc.start()
    with pytest.raises(ImageError, match=r"3000 x 2000, more than 5,999,999 pixels.*raise max_pixels"):
        Reader(model, max_pixels=5_999_999).read_line(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 << 20
    assert load(data, 6_000_000).shape == (2000, 3000, 3)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "1"])
def test_large_images_are_copied_in_strips(mode: str) -> None:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (1030, 1021, 4), np.uint8)).convert(mode)
    np.testing.assert_array_equal(load(image), np.asarray(image.convert("L") if mode == "1" else image))


def test_files_are_read_from_their_start() -> None:
    file = io.BytesIO()
    RGB.save(file, "PNG")
    for position in (file.tell(), 10, 0):
        file.seek(position)
        np.testing.assert_array_equal(load(file), PIXELS)


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_arrays_of_16_bits(dtype: str) -> None:
    np.testing.assert_array_equal(load(PIXELS.astype(dtype) * 16), PIXELS)
    np.testing.assert_array_equal(load(PIXELS[:, :, 0].astype(dtype) * 257), PIXELS[:, :, 0])


def test_arrays_of_truth() -> None:
    bits = PIXELS > 99
    np.testing.assert_array_equal(load(bits), bits * 255)


HEIC = b"\0\0\0\x18ftypheic" + bytes(100)


def test_heic_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageError, match=r"^a HEIC image: run pip install pillow-heif, or convert it"):
        load(HEIC)


def test_heic_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pillow-heif: a format with this name whose images are gray."""

    class Heif(Image.Image):
        format = "HEIF"

        def __init__(self, file: Any, name: Any) -> None:
            super().__init__()
            copy = Image.new("L", (7, 5), 123)
            self.im, self._mode, self._size = copy.im, "L", copy.size

    package = types.ModuleType("pillow_heif")
    package.register_heif_opener = lambda: Image.register_open("HEIF", Heif)  # type: ignore
    monkeypatch.setitem(sys.modules, "pillow_heif", package)
    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    for _ in range(2):
        np.testing.assert_array_equal(load(HEIC), np.full((5, 7), 123))
