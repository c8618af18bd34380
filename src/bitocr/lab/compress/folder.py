"""The images of a compression, as a recipe in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from bitocr.errors import UsageError
from bitocr.lab.data.own import hold_back, read_own, write_labels
from bitocr.lab.train.config import merge
from bitocr.lab.train.values import read_mapping

RECIPES = Path(__file__).parents[1] / "recipes"


class Images(Protocol):
    """The options of a compression that say which images it works with."""

    @property
    def data(self) -> str:
        """A label file, its folder, or a recipe whose data and validation are used."""

    @property
    def share(self) -> float:
        """Of the own images among all; the rest is rendered text."""

    @property
    def protocol(self) -> str:
        """By which own images are scored."""

    @property
    def validation(self) -> str | None:
        """Other images to score; None holds some of the own back."""


def base_recipe(verb: str, options: Images, out: Path) -> dict[str, Any]:
    """The shipped recipe of "prune" or "quantize" with sources and validation sets of the options.

    Own labels are divided into two files in `out`: train.tsv and held-back.tsv.

    Raises:
        UsageError: there are no images or labels, or a recipe without a validation set.
    """
    base = read_mapping(RECIPES / f"{verb}.yaml", "a recipe")
    if Path(options.data).suffix in (".yaml", ".yml"):
        given = read_mapping(options.data, "a recipe")
        if not given.get("validation"):
            raise UsageError(f"{options.data}: {verb} needs a recipe with a validation set")
        return merge(base, {key: given[key] for key in ("data", "validation", "trainer", "seed") if key in given})
    own = read_own(options.data)
    if not any(image.is_file() for image, _ in own):
        raise UsageError(f"{options.data}: none of its {len(own)} images is there: the first is {own[0][0]}")
    train, held = (own, read_own(options.validation)) if options.validation else hold_back(own)
    write_labels(out / "train.tsv", train)
    write_labels(out / "held-back.tsv", held)
    sources: list[dict[str, Any]] = [{"path": "train.tsv", "weight": options.share}]
    if options.share < 1:
        sources.append({"synth": "mix", "weight": 1 - options.share})
    validation = [{"path": "held-back.tsv", "protocol": options.protocol, "name": "held back"}]
    return merge(base, {"data": {"root": str(out.resolve()), "sources": sources}, "validation": validation})
