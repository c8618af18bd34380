"""Annotated picture as a JPEG file."""

from __future__ import annotations

from functools import partial

from bitocr.formats import picture

render = partial(picture.render, suffix=".jpg")
