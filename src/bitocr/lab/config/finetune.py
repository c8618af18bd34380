"""Fine-tuning: the keys that `bitocr train finetune` has in addition to those of a recipe."""

from __future__ import annotations

from typing import ClassVar

from msgspec import field

from bitocr.lab.config.data import Protocol
from bitocr.lab.config.settings import Count, Settings, Share


class Finetune(Settings, frozen=True):
    """What to train further, and on which images."""

    called: ClassVar[str] = "finetune"

    data: str
    """A folder of images with a labels.tsv, or such a file."""
    name: str
    """Also its folder's."""
    out: str
    start: str = "english"
    """The model to start from: a shipped one's name, a .bit or a weights file."""
    images: Count | None = None
    """To train with; None: as the recipe says."""
    share: Share = 0.5
    """Of the own images among all; the rest is rendered text."""
    validation: str | None = None
    """Other images to measure on; None holds some of the own back."""
    protocol: Protocol = "line"
    add: str | None = field(default=None, name="charset.add")
    """Characters to add; with it, labels with others are left out."""
