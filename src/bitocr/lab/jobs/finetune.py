"""`bitocr train finetune data=FOLDER`: trains a binary model further on your own labelled images.

It makes a recipe from the shipped `recipes/finetune.yaml`, the folder and the model, and writes everything to one
folder:

    OUT/settings.json           the settings, which must be the same to resume
    OUT/train.tsv, held-back.tsv    the labels, split in two
    OUT/start/                  the model as trainable weights, with the extended charset
    OUT/recipe.yaml             the recipe, which `bitocr train` runs
    OUT/tuned/                  the files of training (docs/training.md)
    OUT/model.bit               the result
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

import yaml

from bitocr.errors import UsageError
from bitocr.inspect.metrics import Score, score
from bitocr.io.files import write_atomic
from bitocr.lab.config.finetune import Finetune
from bitocr.lab.config.load import merge
from bitocr.lab.config.network import AnyNetwork
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.own import Labelled, hold_back, missing_characters, read_own, write_labels
from bitocr.lab.export.bit import export_bit
from bitocr.lab.jobs.finetune_options import read_options
from bitocr.lab.train.config import load_recipe
from bitocr.lab.train.folder import begin
from bitocr.lab.train.run import run_recipe, weights_path
from bitocr.lab.train.start import Start, open_start, write_start
from bitocr.reader import Reader

RECIPE = Path(__file__).parents[1] / "recipes" / "finetune.yaml"


MOST_SHOWN = 100
"""The most missing characters that a message names."""


@dataclass(frozen=True)
class Outcome:
    """The result of a finetuning: the model, the images that it was measured on, and its scores on them."""

    model: Path
    labels: Path
    protocol: str
    before: Score
    after: Score


def finetune(overrides: Sequence[str]) -> Outcome:
    """Trains, or resumes training, and exports. Prints its progress.

    Raises:
        UsageError, ModelError: options, labels, charset or model are wrong. Raised before anything is trained.
    """
    options, rest = read_options(overrides)
    start = open_start(options.start)
    out = Path(options.out)
    recipe, held = begin_with(options, rest, start, out)
    begun = weights_path(recipe, "start")
    if not begun.exists():
        write_start(begun, start, recipe)
    before, after = begun.with_name("model.bit"), out / "model.bit"
    export_bit(begun, before)
    if after.exists() and weights_path(recipe, recipe.stages[-1].name).exists():
        print(f"{out} is trained already: remove it or choose another out= to train again")
    else:
        export_bit(run_recipe(recipe), after, about(options, start.card))
    scores = [measure(model, held, options.protocol) for model in (before, after)]
    return Outcome(after, out / "held-back.tsv", options.protocol, *scores)


def begin_with(options: Finetune, rest: list[str], start: Start, out: Path) -> tuple[Recipe, Labelled]:
    """Writes the split labels and the recipe. Returns it with the overrides `rest`, and the held-back labels."""
    labelled = read_own(options.data)
    held = read_own(options.validation) if options.validation else []
    known = Charset("".join(dict.fromkeys(start.characters + (options.add or "")))).characters
    labelled = fit_charset(options, labelled, known)
    train, held = (labelled, held) if held else hold_back(labelled)
    begin(out, {key: getattr(options, key) for key in ("data", "start", "validation", "add")})
    write_labels(out / "train.tsv", train)
    write_labels(out / "held-back.tsv", held)
    write_recipe(out, options, known, start.network.replace(quantize=start.quantize))
    recipe = load_recipe(out / "recipe.yaml", rest)
    print(f"{len(train):,} images of {options.data} to train on, {len(held):,} held back: {out / 'held-back.tsv'}")
    return recipe, held


def fit_charset(options: Finetune, labelled: Labelled, known: str) -> Labelled:
    """The labels that the charset covers. Raises UsageError if it lacks characters, unless charset.add is given."""
    missing = missing_characters(labelled, known)
    fitting = [(image, text) for image, text in labelled if missing.keys().isdisjoint(text)]
    count = f"{len(labelled) - len(fitting)} of {len(labelled)} labels"
    if missing and options.add is None:
        shown = quote(f"charset.add={''.join(missing)}") if len(missing) <= MOST_SHOWN else "charset.add=FILE.txt"
        raise UsageError(
            f"{count} have characters that {options.start} lacks, {len(missing)} different ones: "
            f"add them with {shown}, or leave their images out with charset.add="
        )
    if not fitting:
        raise UsageError(f"{options.data}: the charset covers no label; it lacks {''.join(missing)[:MOST_SHOWN]!r}")
    if missing:
        print(f"left out {count}, which have {''.join(missing)[:MOST_SHOWN]}")
    return fitting


def write_recipe(out: Path, options: Finetune, characters: str, network: AnyNetwork) -> None:
    """Fills in the shipped recipe for the folder and the model, with paths relative to `out`."""
    recipe = merge(
        read_mapping(RECIPE, "a recipe"),
        {
            "name": options.name,
            "out": str(out),
            "charset": characters,
            "network": {key: value for key, value in network.plain().items() if key != "classes"},
            "data": {"root": str(out), "sources": [{"path": "train.tsv", "weight": options.share}]},
            "validation": [{"path": "held-back.tsv", "protocol": options.protocol, "name": "held back"}],
        },
    )
    if options.share < 1:
        recipe["data"]["sources"].append({"synth": "mix", "weight": 1 - options.share})
    if options.images is not None:
        recipe["stages"][0]["images"] = options.images
    text = yaml.safe_dump(recipe, allow_unicode=True, sort_keys=False)
    write_atomic(out / "recipe.yaml", text.encode())


def about(options: Finetune, card: dict[str, Any]) -> dict[str, Any]:
    """The origin of the model, for its card. The licence is left to its maker."""
    start = {key: card[key] for key in ("name", "licence", "data") if key in card}
    return {"start": start, "data": [{"name": options.name, "share": options.share}, {"synth": "mix"}]}


def measure(model: Path, labelled: Labelled, protocol: str) -> Score:
    """The engine's score on the images. An unreadable image counts as wrong."""
    lines = Reader(model, threads=0).read_lines([image for image, _ in labelled], errors="return")
    return score(((text, line.text) for (_, text), line in zip(labelled, lines, strict=True)), protocol)
