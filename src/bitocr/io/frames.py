"""Chooses the images to read in a file of several: each page of a TIFF, one frame of an animation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from bitocr.errors import ImageError
from bitocr.io.pixels import decoder_errors, from_pil, too_large

_ANIMATED = frozenset(("GIF", "PNG", "WEBP", "AVIF"))
_MAX_FRAMES = 100  # of an animation, that are looked at
_FILE_PAGES = 16  # all pages of a file together may have the pixels of this many largest ones
_SUBFILE_TYPE, _REDUCED_OR_MASK = 254, 1 | 4  # a TIFF tag, and its bits for what is no page


def has_pages(image: Image.Image) -> bool:
    """Whether `frames` may give several images of this file."""
    return image.format == "TIFF"


def frames(image: Image.Image, limit: int) -> Iterator[NDArray[np.uint8]]:
    """The images to read in an opened file, one after the other. Raises ImageError and whatever decoders raise.

    Those are the pages of a TIFF, of an animation the frame of most contrast, and of other files their main image.
    """
    if has_pages(image):
        yield from _pages(image, limit)
    elif image.format in _ANIMATED and getattr(image, "is_animated", False):
        yield _clearest(image, limit)
    else:
        yield from_pil(image, limit)


def _pages(image: Image.Image, limit: int) -> Iterator[NDArray[np.uint8]]:
    """Every page. Previews and masks count only if there is nothing else."""
    count = getattr(image, "n_frames", 1)
    pages = [index for index in range(count) if _is_page(image, index)] or [0]
    pixels = 0
    for number, index in enumerate(pages, 1):
        image.seek(index)
        pixels += image.width * image.height
        if pixels > _FILE_PAGES * limit:
            raise too_large(f"{number} of its {len(pages)} pages", _FILE_PAGES * limit)
        yield _page(image, limit, f"page {number}: " if len(pages) > 1 else "")


def _page(image: Image.Image, limit: int, place: str) -> NDArray[np.uint8]:
    try:
        with decoder_errors():
            return from_pil(image, limit)
    except ImageError as error:
        raise ImageError(f"{place}{error}") from None


def _is_page(image: Image.Image, index: int) -> bool:
    image.seek(index)
    kind = image.tag_v2.get(_SUBFILE_TYPE, 0)  # type: ignore[attr-defined]
    return not (isinstance(kind, int) and kind & _REDUCED_OR_MASK)


def _clearest(image: Image.Image, limit: int) -> NDArray[np.uint8]:
    """The first frame with the most contrast: animations often begin blank, and fade in and out."""
    from bitocr.native.image import gray  # which shows transparent frames on the ground that suits them

    best, most = from_pil(image, limit), -1.0
    affordable = limit // (image.width * image.height)
    for index in range(min(image.n_frames, _MAX_FRAMES, affordable)):  # type: ignore[attr-defined]
        image.seek(index)
        pixels = from_pil(image, limit)
        contrast = float(gray(pixels).std())
        if contrast > most:
            best, most = pixels, contrast
    return best
