"""JPEG files with absurdly many scans, each of which makes a decoder work on the whole picture."""

from __future__ import annotations

import pytest
from PIL import Image

from bitocr.errors import ImageError
from bitocr.io.images import load
from test_images import encode


def jpeg_of_scans(count: int, side: int = 800) -> bytes:
    """A progressive file that repeats its last scan, of a few bytes, `count` times."""
    data = encode(Image.new("L", (side, side), "white"), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + data[-2:]


@pytest.mark.parametrize("side", [800, 1500])
def test_a_jpeg_of_many_scans_is_refused(side: int) -> None:
    """Scans of a few bytes could take hours. Small and large files are read in different ways."""
    assert load(jpeg_of_scans(10, side)).shape == (side, side)
    with pytest.raises(ImageError, match="a JPEG file of 20,006 scans, made to take long"):
        load(jpeg_of_scans(20_000, side))
