"""Recipes for training a detector: like a recognizer's (`bitocr.lab.config.recipe`), with pages instead of lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, field

from bitocr.lab.config.detector import BitDetector
from bitocr.lab.config.load import load, merge
from bitocr.lab.config.settings import MANY, Count, CountOrNone, Settings, Weight
from bitocr.lab.config.training import Training, TrainingStage, check_names
from bitocr.lab.config.yaml12 import read_mapping

Scale = Annotated[float, Meta(gt=0, le=16)]
Layout = Literal["document", "form", "receipt", "screen", "scene"]


class PageData(Settings, frozen=True):
    """Rendered pages, and the crops taken from them."""

    called: ClassVar[str] = "data"

    root: str = "data"
    """The folder that relative paths start from."""
    folder: str = "pages"
    """The folder of the rendered pages. Missing pages are rendered."""
    pages: Count = 6000
    validation: Count = 100
    """The number of validation pages, in held-back faces on held-back photographs."""
    shares: dict[Layout, Weight] = field(default_factory=dict)
    """The share of each layout; empty: those of `bitocr.lab.data.pages.renderer`."""
    receipts: str | None = None
    """A label file of real lines, pasted into receipts."""
    scenes: str | None = None
    """A label file of real words, pasted into scenes."""
    size: Annotated[int, Meta(ge=32, le=4096, multiple_of=32, description="a multiple of 32")] = 384
    """The side of a crop in pixels."""
    batch: Count = 8
    scales: tuple[Scale, Scale] = (0.45, 1.6)
    """The smallest and the largest magnification of a crop."""
    reuse: Annotated[float, Meta(ge=1, le=MANY)] = 8.0
    """The number of crops per page before the next pages are loaded."""
    workers: CountOrNone = 1


class PageStage(TrainingStage, frozen=True):
    """A stage of a detector's training."""

    images: Count = 100_000
    teacher: str | None = None
    """The name of an earlier stage, or a weights file. The stage learns its maps beside the ground truth."""
    distill: Weight = 1.0
    """The weight of the teacher's maps."""
    average: Annotated[int, Meta(ge=0, le=10**6)] = 0
    """The time constant, in steps, of the moving average of weights that is validated and written; 0: no average."""


class PageRecipe(Training, frozen=True):
    """A training of a detector in stages, one after the other."""

    name: str = "page"
    out: str = "runs/page"
    network: BitDetector = BitDetector()
    data: PageData = PageData()
    validate_every: Count = 5_000
    checkpoint_every: Count = 2_000
    stages: Annotated[tuple[PageStage, ...], Meta(min_length=1)] = (PageStage(),)

    def __post_init__(self) -> None:
        check_names(self.stages)

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        return merge({"network": {}, "data": PageData().plain(), "trainer": {}, "stages": [{}]}, given)

    def network_of(self, stage: PageStage) -> BitDetector:
        """The network of a stage."""
        return self.network if stage.stage is None else self.network.replace(stage=stage.stage)

    @property
    def folder(self) -> Path:
        """The folder of the rendered pages."""
        return Path(self.data.root) / self.data.folder

    @property
    def real(self) -> dict[Literal["receipt", "scene"], str]:
        """The label files of crops to paste in, by the layout that takes them."""
        given = {"receipt": self.data.receipts, "scene": self.data.scenes}
        return {place: str(Path(self.data.root) / path) for place, path in given.items() if path}  # type: ignore[misc]


def describes_detector(path: str | Path) -> bool:
    """Whether a recipe is for a detector. Raises UsageError if it is not a YAML file."""
    network = read_mapping(path, PageRecipe.called).get("network")
    return isinstance(network, dict) and network.get("arch") == "bit_det"


def read_page_recipe(path: str | Path, overrides: Sequence[str] = ()) -> PageRecipe:
    """Reads a recipe, applies ``key=value`` overrides, and checks it. Raises UsageError."""
    return load(path, PageRecipe, overrides)
