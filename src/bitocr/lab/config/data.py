"""The images to train on, and those to measure on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from bitocr.lab.config.settings import MANY, Count, Settings, SettingsError

Rendering = Literal["mix", "words", "lines", "screens", "hard", "foreign", "blank"]
"""The kinds of rendered pictures (`bitocr.lab.data.synth.open_source`)."""
LanguageName = Literal["english", "chinese"]
"""The languages of rendered text."""
Split = Literal["all", "training", "validation"]
"""The splits of the typefaces of rendered text."""
Protocol = Literal["scene", "line", "exact"]
"""The rules that compare readings with labels (`bitocr.inspect.metrics`)."""

# `Data` explains each of these.
Columns = Annotated[int, Meta(ge=1, le=10**8)]
Reuse = Annotated[float, Meta(ge=1, le=MANY)]
Jitter = Annotated[float, Meta(ge=0, le=2)]
Workers = Annotated[int, Meta(ge=0, le=1024)]


class Source(Settings, frozen=True, omit_defaults=True):
    """Images to train on: rendered ones (`synth`) or real ones (`path`)."""

    called: ClassVar[str] = "a source"

    weight: Annotated[float, Meta(gt=0, le=MANY)]
    """The share of images from this source, relative to the weights of the others."""
    path: str | None = None
    """A label file, its folder, or an LMDB."""
    synth: Rendering | None = None
    language: LanguageName = "english"
    """This and the keys below apply to rendered text."""
    longest: Count | None = None
    """The most characters of a text; None: the language's own limit."""
    dirt: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """How often to apply effects of cameras, scanners and codecs: 0 never, 1 as often as in real pictures."""
    split: Split = "all"

    def __post_init__(self) -> None:
        if (self.path is None) == (self.synth is None):
            raise SettingsError("has either a path or what to synth (mix, words, lines, screens, hard, foreign, blank)")


class Data(Settings, frozen=True):
    """The data of a training: the sources, and how to make batches."""

    called: ClassVar[str] = "data"

    root: str = "data"
    """The folder that relative paths of sources and validation sets start from."""
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)] = (Source(synth="mix", weight=1.0),)
    columns: Columns = 12288
    """The number of pixel columns in a batch: images times width."""
    reuse: Reuse = 4.0
    """How often to use each rendered image, each time with a new distortion."""
    reuse_limits: tuple[Reuse, Reuse] | None = None
    """The least and the greatest `reuse`. Within them it rises while training waits for rendering, and falls when it
    does not; None: it stays fixed."""
    capacity: Count = 50_000
    """The number of rendered images that a worker keeps for reuse."""
    jitter: Jitter = 0.12
    """The standard deviation of the logarithm of the horizontal stretch."""
    workers: Workers = 1
    """The number of processes that make batches; 0: the training process itself."""

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
    """The name in logs and reports; None: the folder's name."""
    limit: Count | None = None
    """Use only the first so many images; None: all."""

    @property
    def title(self) -> str:
        return Path(self.path).parent.name if self.name is None else self.name
