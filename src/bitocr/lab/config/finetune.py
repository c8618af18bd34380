"""Finetuning: the keys of `bitocr train finetune` in addition to those of a recipe."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from bitocr.lab.config.data import Protocol
from bitocr.lab.config.settings import Count, Settings, Share


class Finetune(Settings, frozen=True):
    """What to train further, and on which images."""

    called: ClassVar[str] = "finetune"

    data: str
    """A folder of images with a labels.tsv, or a label file."""
    name: str
    """Also its folder's."""
    out: str
    start: str = "english"
    """The model to start from: the name of a shipped model, a .bit file or a weights file."""
    images: Count | None = None
    """The number of images to train with; None: as the recipe says."""
    share: Share = 0.5
    """The share of your own images in training; the rest is rendered text."""
    validation: str | None = None
    """Other images to measure on; None holds back some of your own."""
    protocol: Protocol = "line"
    add: str | None = field(default=None, name="charset.add")
    """Characters to add to the charset. If given, labels with any others are left out."""
