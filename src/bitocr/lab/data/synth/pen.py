"""Draws a string in a font, with FreeType or from characters drawn before."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFont

Mask = NDArray[np.uint8]


def open_face(path: str, index: int, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


class OwnFont(Protocol):
    """A font that draws from characters drawn before (`chinese.atlas`)."""

    size: float

    def draw(self, text: str, mode: str = "L") -> tuple[Mask, tuple[int, int]]: ...

    def getlength(self, text: str) -> float: ...

    def font_variant(self, *, size: float) -> OwnFont: ...


Font = ImageFont.FreeTypeFont | OwnFont


def draw(font: Font, text: str, mode: str = "L") -> tuple[Mask, tuple[int, int]]:
    """The ink of `text`, uint8 [h, w] (0 x 0 if empty), and its top left corner relative to the pen's start."""
    if not isinstance(font, ImageFont.FreeTypeFont):
        return font.draw(text, mode)
    core, offset = font.getmask2(text, mode, anchor="ls")
    width, height = core.size
    if width <= 0 or height <= 0:
        return np.zeros((0, 0), np.uint8), (0, 0)
    return np.asarray(Image.Image()._new(core)), offset
