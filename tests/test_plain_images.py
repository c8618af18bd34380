"""Plain JPEG and WebP files bypass Pillow's file parser and give the same pixels; all others go through it."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bitocr.errors import ImageError
from bitocr.io import jpeg, webp
from bitocr.io.images import load


def encoded(mode: str = "RGB", size: tuple[int, int] = (61, 37), kind: str = "JPEG", **options: Any) -> bytes:
    pixels = np.random.default_rng(5).integers(0, 256, (size[1], size[0], 4), np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int) -> bytes:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


def decode(data: bytes) -> np.ndarray | None:
    return webp.decode(data) if data.startswith(b"RIFF") else jpeg.decode(data)


PLAIN = {
    "colour": encoded(),
    "gray": encoded("L"),
    "full resolution": encoded(subsampling=0, quality=95),
    "progressive": encoded(progressive=True),
    "one pixel": encoded(size=(1, 1)),
    "WebP": encoded(kind="WEBP"),
    "WebP without loss": encoded(kind="WEBP", lossless=True),
    "WebP with alpha": encoded("RGBA", kind="WEBP", lossless=True, exact=True),
    "WebP of one pixel": encoded(size=(1, 1), kind="WEBP"),
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
    "WebP with EXIF": encoded(kind="WEBP", exif=exif(6)),
    "WebP of two images": encoded(kind="WEBP", save_all=True, append_images=[Image.new("RGB", (61, 37))]),
    "WebP, large": encoded(kind="WEBP", size=(1100, 1000)),
    "WebP, cut short": encoded(kind="WEBP")[:-200],
    "WebP, cut in its head": encoded(kind="WEBP")[:18],
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_files_have_pillows_pixels(name: str) -> None:
    pixels = decode(PLAIN[name])
    assert pixels is not None
    expected = np.asarray(Image.open(io.BytesIO(PLAIN[name])))
    assert pixels.shape == expected.shape
    np.testing.assert_array_equal(pixels, expected)
    np.testing.assert_array_equal(load(PLAIN[name]), expected)


@pytest.mark.parametrize("name", OTHERS)
def test_others_are_left_to_pillow(name: str) -> None:
    assert decode(OTHERS[name]) is None


def test_what_pillow_says_of_damage() -> None:
    with pytest.raises(ImageError, match="damaged or cut short"):
        load(OTHERS["cut short"])


@pytest.mark.parametrize("name", ["colour", "WebP", "WebP without loss"])
def test_damaged_files_give_what_pillow_gives(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(1)
    for _ in range(60):
        data = bytearray(PLAIN[name])
        data[generator.integers(0, 640 if name == "colour" else 60)] = generator.integers(0, 256)
        with monkeypatch.context() as patch:
            for module in (jpeg, webp):
                patch.setattr(module, "decode", lambda data: None)
            expected = outcome(bytes(data))
        assert outcome(bytes(data)) == expected


def outcome(data: bytes) -> object:
    try:
        array = load(data)
    except ImageError as error:
        return str(error)
    return array.shape, array.tobytes()
