"""Annotated picture as a PNG file."""

from __future__ import annotations

from functools import partial

from bitocr.formats import picture

render = partial(picture.render, suffix=".png")
