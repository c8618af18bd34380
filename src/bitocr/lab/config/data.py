"""The images to train on, and those to measure on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bitocr.lab.config.settings import MANY, Count, Settings, SettingsError

Rendering = Literal["mix", "words", "lines", "screens", "hard", "foreign", "blank"]
"""What is rendered: `bitocr.lab.data.synth.open_source`."""
LanguageName = Literal["english", "chinese"]
"""Whose text can be rendered."""
Split = Literal["all", "training", "validation"]
"""Of the faces that text is rendered in."""
Protocol = Literal["scene", "line", "exact"]
"""By which readings are scored (`bitocr.inspect.metrics`)."""

# `Data` explains each of these.
Columns = Annotated[int, Meta(ge=1, le=10**8)]
Reuse = Annotated[float, Meta(ge=1, le=MANY)]
Jitter = Annotated[float, Meta(ge=0, le=2)]
Workers = Annotated[int, Meta(ge=0, le=1024)]


class Source(Settings, frozen=True, omit_defaults=True):
    """Images to train on: rendered ones (`synth`) or real ones (`path`)."""

    called: ClassVar[str] = "a source"

    weight: Annotated[float, Meta(gt=0, le=MANY)]
    """Share of the images, next to the other sources' weights."""
    path: str | None = None
    """A label file, its folder, or an LMDB."""
    synth: Rendering | None = None
    language: LanguageName = "english"
    """Of rendered text, as all that follows."""
    longest: Count | None = None
    """Characters of a text; None: the language's own limit."""
    dirt: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """How often pictures suffer from cameras, scanners and codecs."""
    split: Split = "all"

    def __post_init__(self) -> None:
        if (self.path is None) == (self.synth is None):
            raise SettingsError("has either a path or what to synth (mix, words, lines, screens, hard, foreign, blank)")


class Data(Settings, frozen=True):
    """Where batches come from."""

    called: ClassVar[str] = "data"

    root: str = "data"
    """What relative paths of sources and validation sets start from."""
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)] = (Source(synth="mix", weight=1.0),)
    columns: Columns = 12288
    """Pixel columns in a batch."""
    reuse: Reuse = 4.0
    """How often a rendered image is used, each time distorted anew."""
    reuse_limits: tuple[Reuse, Reuse] | None = None
    """The least and the most to which `reuse` moves by itself, so that training never waits for rendering and uses each
    image no more often than that takes; none: it stays."""
    capacity: Count = 50_000
    """Rendered images that a worker keeps for that."""
    jitter: Jitter = 0.12
    """Standard deviation of the logarithm of the aspect's stretch."""
    workers: Workers = 1
    """Processes that make batches; 0: the training's own."""

    def __post_init__(self) -> None:
        if self.reuse_limits and not self.reuse_limits[0] <= self.reuse <= self.reuse_limits[1]:
            raise SettingsError(f"are the least and the most of reuse, which starts at {self.reuse}", "reuse_limits")
        if self.reuse_limits and not self.workers:
            raise SettingsError("need workers, which render while the training goes on", "reuse_limits")


class ValidationSet(Settings, frozen=True, omit_defaults=True):
    """Labelled images that a network is measured on."""

    called: ClassVar[str] = "a validation set"

    path: str
    protocol: Protocol
    name: str | None = None
    """In logs and reports; None: that of the folder."""
    limit: Count | None = None
    """So many images of the beginning; None: all."""

    @property
    def title(self) -> str:
        return Path(self.path).parent.name if self.name is None else self.name
