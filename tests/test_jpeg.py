"""Plain JPEG files are read past Pillow's file parser, with the same pixels; all others are left to it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr.errors import ImageError
from bitocr.io import jpeg
from bitocr.io.images import load


def encoded(mode: str = "RGB", size: tuple[int, int] = (61, 37), **options: Any) -> bytes:
    pixels = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 3), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, "JPEG", **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


PLAIN = {
    "colour": encoded(),
    "gray": encoded("L"),
    "full resolution": encoded(subsampling=0, quality=95),
    "progressive": encoded(progressive=True),
    "one pixel": encoded(size=(1, 1)),
}
OTHERS = {
    "EXIF": encoded(exif=exif(6)),
    "four channels": encoded("CMYK"),
    "a comment": encoded(comment="a"),
    "large": encoded(size=(1100, 1000)),
    "cut short": encoded()[:-200],
    "cut in its head": encoded()[:90],
    "two bytes": encoded()[:2],
    "no JPEG": b"GIF89a",
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_have_pillows_pixels(name: str) -> None:
    pixels = jpeg.decode(PLAIN[name])
    assert pixels is not None
    expected = np.asarray(Image.open(io.BytesIO(PLAIN[name])))
    assert pixels.shape == expected.shape
    np.testing.assert_array_equal(pixels, expected)
    np.testing.assert_array_equal(load(PLAIN[name]), expected)


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_to_pillow(name: str) -> None:
    assert jpeg.decode(OTHERS[name]) is None


def test_what_pillow_says_of_damage() -> None:
    with pytest.raises(ImageError, match="damaged or cut short"):
        load(OTHERS["cut short"])


@pytest.mark.parametrize("seed", range(4))
def test_damaged_files_give_what_pillow_gives(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(seed)
    for _ in range(25):
        data = bytearray(PLAIN["colour"])
        data[generator.integers(0, 640)] = generator.integers(0, 256)
        with monkeypatch.context() as patch:
            patch.setattr(jpeg, "decode", lambda data: None)
            expected = outcome(bytes(data))
        assert outcome(bytes(data)) == expected


def outcome(data: bytes) -> object:
    try:
        array = load(data)
    except ImageError as error:
        return str(error)
    return array.shape, array.tobytes()
