"""Opens the renderer that a recipe's source names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from bitocr.errors import UsageError
from bitocr.lab.config.data import Source
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth.blank import blank
from bitocr.lab.data.synth.foreign import ForeignText
from bitocr.lab.data.synth.hard import HardRenderer
from bitocr.lab.data.synth.renderer import Renderer, Sample


def open_renderer(source: Source, seed: int, charset: Charset | None) -> Renderer:
    """The renderer of a source's text. Raises UsageError if the language has no such pictures."""
    if source.synth in ("hard", "foreign") and source.language != "english":
        raise UsageError(f"{source.synth} pictures are drawn of English text only, not of {source.language}")
    if source.synth == "hard":
        return HardRenderer(seed, None, charset, source.longest, source.dirt, source.split)
    if source.synth == "foreign":
        text = ForeignText(None, source.longest, source.split, charset)
        return Renderer("mix", seed, scene_share=0.3, dirt=source.dirt, opened=text)
    return Renderer(
        kind=source.synth or "mix",
        seed=seed,
        language=source.language,
        charset=charset,
        longest=source.longest,
        dirt=source.dirt,
        split=source.split,
    )


def open_source(source: Source, seed: int, charset: Charset) -> Callable[[np.random.Generator], Sample]:
    """A function that draws a source's pictures, with or without text: random generator -> gray image and its text."""
    if source.synth == "blank":
        return partial(blank, dirt=source.dirt)
    return open_renderer(source, seed, charset).sample
