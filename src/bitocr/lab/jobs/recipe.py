"""Recipes of `bitocr compress`: one YAML file describes a row of steps, and ``key=value`` overrides it.

out: runs/small
checkpoint: runs/mine/float/weights.safetensors    # or the recipe that trains it
data: {path: pictures}                             # as for `bitocr prune`
steps:                                             # each works on what the one before it made, or on that of `from`
  half: {prune: {keep: 0.5}, export: {half.onnx: float}}
  half-int8: {quantize: {images: 40000}, export: {half-int8.onnx: int8}}
  int8: {from: original, quantize: {images: 40000}}
report: {sets: [{path: labels.tsv, protocol: line}]}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.convert import convert
from bitocr.lab.config.data import Data, ValidationSet
from bitocr.lab.config.load import merge, override
from bitocr.lab.config.yaml12 import read_mapping
from bitocr.lab.jobs.folder import RECIPE_SUFFIXES, RECIPES, check_data
from bitocr.lab.jobs.options import Images, check_keys
from bitocr.lab.jobs.row import STEP, Step, load_steps
from bitocr.lab.train import config as train_config

TRAINING = tuple(key for key in Data.__struct_fields__ if key not in ("root", "sources"))
"""Keys of a training recipe's "data" that can be given here for all trainings."""

DEFAULTS: dict[str, Any] = {
    "out": "runs/compress",
    "checkpoint": None,  # a weights.safetensors, or a training recipe, which is run first
    "data": {
        "path": None,  # a label file, its folder, or a training recipe whose data and validation are used
        "root": None,  # what relative paths of recipes and of report.sets start from; None: the recipe's, else here
        "share": Images.share,
        "protocol": Images.protocol,
        "validation": None,
        **dict.fromkeys(TRAINING),  # None: as each step's own recipe says
    },
    "trainer": {},  # as in a training recipe
    "steps": {},
    "report": {
        "sets": [],  # as "validation" in a training recipe; none: what the steps are measured by
        "rounds": 15,  # of timing
    },
}


@dataclass(frozen=True)
class Recipe:
    """A row of steps, checked.

    Attributes:
        out: the folder.
        checkpoint: a weights file, or a training recipe.
        images: what all steps work with.
        root: what relative paths start from.
        has_root: whether the recipe gives it; a recipe that trains the checkpoint keeps its own otherwise.
        training: keys of a training recipe that hold for all trainings.
        steps: in the order in which they are done.
        sets: what the report reads: path, protocol, perhaps limit and name; none: the validation sets.
        rounds: of the report's timing.
    """

    out: Path
    checkpoint: Path
    images: Images
    root: Path
    has_root: bool
    training: dict[str, Any]
    steps: list[Step]
    sets: list[dict[str, Any]]
    rounds: int

    def begun_with(self) -> dict[str, Any]:
        """What must be the same for a stopped row to go on; each step has settings of its own beside."""
        paths = {"checkpoint": self.checkpoint, "root": self.root, "data": Path(self.images.data)}
        return {**asdict(self.images), **{key: str(path.resolve()) for key, path in paths.items()}}


def find_recipe(name: str) -> Path:
    """A file, or a recipe that comes with the package: "float" or "binary". Raises UsageError."""
    shipped = RECIPES / f"compress-{name}.yaml"
    path = shipped if not Path(name).is_file() and shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem.partition("-")[2] for file in RECIPES.glob("compress-*.yaml")))
        raise UsageError(f"{name}: no such recipe: give a YAML file as in docs/compress.md, or one of {known}")
    return path


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """Reads a recipe, fills in the defaults and applies the overrides.

    Raises:
        UsageError, ModelError: what cannot be run, told before anything is.
    """
    path = find_recipe(name)
    given = filled(read_mapping(path, "a recipe"))
    for assignment in overrides:
        override(given, assignment)
    given = filled(given)  # once more, as data={...} replaces all of data
    check_keys(path, given, DEFAULTS, "recipe")
    for part in ("data", "trainer", "steps", "report"):
        if not isinstance(given[part], dict):
            raise UsageError(f"{path}: {part} is a mapping of keys to values")
        if DEFAULTS[part]:
            check_keys(path, given[part], DEFAULTS[part], part)
    try:
        return made(given)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def filled(given: dict[str, Any]) -> dict[str, Any]:
    """The recipe with its defaults, those of its steps too."""
    recipe = merge(DEFAULTS, given)
    if isinstance(recipe["steps"], dict):
        recipe["steps"] = {
            str(name): merge(STEP, step) if isinstance(step, dict) else step for name, step in recipe["steps"].items()
        }
    return recipe


def made(given: dict[str, Any]) -> Recipe:
    """Raises UsageError, ModelError."""
    data, report = given["data"], given["report"]
    checkpoint = path_of("checkpoint", given["checkpoint"], "a weights.safetensors, or a recipe that trains it")
    images = Images(
        data=str(path_of("data.path", data["path"], "a label file, its folder, or a recipe")),
        **{key: data[key] for key in ("share", "protocol", "validation")},
    )
    images.check()
    check_data(images)
    if type(report["rounds"]) is not int or not 1 <= report["rounds"] <= 1000:
        raise UsageError(f"report.rounds is a whole number from 1 to 1000, not {report['rounds']!r}")
    root = root_of(data["root"], images)
    of_training = {key: data[key] for key in TRAINING if data[key] is not None}
    convert(of_training, Data, at="data")
    training = {"data": of_training, "trainer": given["trainer"]}
    out = path_of("out", given["out"], "a folder")
    steps = load_steps(given["steps"], checkpoint)
    sets = report_sets(report["sets"], root)
    return Recipe(out, checkpoint, images, root, data["root"] is not None, training, steps, sets, report["rounds"])


def path_of(key: str, value: Any, what: str) -> Path:
    """Raises UsageError where nothing is given, or no path."""
    if not isinstance(value, str) or not value:
        raise UsageError(f"{key} is {what}" + ("" if value is None else f", not {value!r}"))
    return Path(value)


def report_sets(given: Any, root: Path) -> list[dict[str, Any]]:
    """The sets with whole paths. Raises UsageError."""
    sets = [each.plain() for each in convert(given, tuple[ValidationSet, ...], at="report.sets")]
    sets = [{**entry, "path": str(root / entry["path"])} for entry in sets]
    for path in (entry["path"] for entry in sets):
        if not Path(path).exists():
            raise UsageError(f"report.sets: {path}: no such file or folder (relative to data.root)")
    return sets


def root_of(given: Any, images: Images) -> Path:
    """`data.root`, or what a recipe says itself; of own labels the working directory. Raises UsageError."""
    if Path(images.data).suffix not in RECIPE_SUFFIXES:
        return path_of("data.root", given, "a folder") if given is not None else Path(".")
    own = train_config.load_recipe(images.data).data.root
    return Path(own) if given is None else path_of("data.root", given, "a folder")
