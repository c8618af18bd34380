"""The steps of a compression: their inputs, and checks that their order makes sense."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec import structs

from bitocr.errors import UsageError
from bitocr.lab.config import compression
from bitocr.lab.config.compression import KINDS, Distillation, Kind, Quantization
from bitocr.lab.config.convert import convert
from bitocr.lab.config.network import AnyNetwork, convert_network, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.stage import Stage
from bitocr.lab.export.file import check_file
from bitocr.lab.jobs.workspace import RECIPE_SUFFIXES
from bitocr.lab.train.config import check_network, load_recipe, stage_network
from bitocr.lab.train.weights import network_of_weights

ORIGINAL = "original"
"""The name of the first step's input."""

Weights = dict[str, Path]
"""The checkpoint of the original and of each step, by name."""

NEEDED = {".bit": (), ".onnx": ("onnx", "onnxruntime"), ".mnn": ("onnx", "MNN", "_tools")}
"""The modules that write and run a file."""


@dataclass(frozen=True)
class Step:
    """A step. Without a kind, it only exports its input.

    Attributes:
        name: the name of the step and of its folder.
        source: the name of the step whose result is the input.
        settings: the settings of the step.
    """

    name: str
    source: str
    settings: compression.Step

    @property
    def kind(self) -> Kind | None:
        return self.settings.kind

    @property
    def export(self) -> dict[str, str]:
        """The precision of each file to export."""
        return self.settings.export

    def begun_with(self) -> dict[str, Any]:
        """The settings that must stay the same to resume the step."""
        options, stage = self.settings.options, self.settings.stage
        return {
            "step": self.kind,
            "from": self.source,
            "options": structs.asdict(options) if options else {},
            "stage": stage,
        }

    def __str__(self) -> str:
        """A description for people: "prune of original: keep 0.5, by even, norm l1, images 60000"."""
        options = self.settings.options
        images = getattr(options, "images", 0)
        shown = {**(options.method if options else {}), **({"images": images} if images else {}), **self.settings.stage}
        settings = ", ".join(f"{key} {value}" for key, value in shown.items())
        return f"{self.kind or 'export'} of {self.source}" + (f": {settings}" if settings else "")


def open_steps(given: Mapping[str, compression.Step], checkpoint: Path) -> list[Step]:
    """The steps in order, checked against each other. Raises UsageError, ModelError, ModuleNotFoundError."""
    if not given:
        raise UsageError(f"steps: there is none; a step has one of {', '.join(KINDS)}, or export, or both")
    networks = {ORIGINAL: network_of(checkpoint)}
    steps: list[Step] = []
    for name, settings in given.items():
        where, known = f"steps.{name}", list(networks)
        if name == ORIGINAL or not re.fullmatch(r"[\w-]+", name):
            raise UsageError(f"{where}: a step's name has letters, digits, - and _, and is not {ORIGINAL}")
        step = Step(name, known[-1] if settings.source is None else settings.source, settings)
        if step.source not in known:
            raise UsageError(f"{where}.from is one of {', '.join(known)}, not {step.source!r}")
        check_training(where, step, known)
        try:
            networks[name] = network_after(step, networks[step.source])
        except UsageError as error:
            raise UsageError(f"{where}.{step.kind}: {error}") from None
        check_export(where, step, networks[name], [file for other in steps for file in other.export])
        steps.append(step)
    return steps


def check_training(where: str, step: Step, known: Sequence[str]) -> None:
    """Checks that network and stages can be trained, and that their teachers exist. Raises UsageError."""
    options = step.settings.options
    if isinstance(options, Distillation):
        convert_network(options.network, at=f"{where}.distill.network")
        where = f"{where}.distill.stages"
        given = [{"teacher": ORIGINAL, **stage} for stage in options.stages]
        stages = convert(given, tuple[Stage, ...], at=where)
    else:
        where = f"{where}.stage"
        stages = (convert({"teacher": ORIGINAL, **step.settings.stage}, Stage, at=where),)
    own = [stage.name for stage in stages]
    for stage in stages:
        for name in {stage.start, *stage.teacher} - {"previous", "scratch", *known, *own}:
            if not Path(name).is_file():
                raise UsageError(f"{where}: {name!r} is none of {', '.join([*known, *own])}, and no weights file")


def with_paths(stage: dict[str, Any], weights: Weights) -> dict[str, Any]:
    """A stage with files in place of the steps that its teachers and start name."""

    def path(name: Any) -> Any:
        if isinstance(name, list):
            return [path(each) for each in name]
        return str(weights[name].resolve()) if name in weights else name

    return {key: path(value) if key in ("teacher", "start") else value for key, value in stage.items()}


def network_of(checkpoint: Path) -> AnyNetwork:
    """The network of a weights file, or of a training recipe's last stage. Raises UsageError, ModelError."""
    if checkpoint.suffix in RECIPE_SUFFIXES:
        recipe = load_recipe(checkpoint)
        return stage_network(recipe, recipe.stages[-1])
    return network_of_weights(checkpoint)


def network_after(step: Step, network: AnyNetwork) -> AnyNetwork:
    """The network after a step. Its widths are not final if pruning still has to choose them.

    Raises:
        UsageError: the network cannot be built, or the step cannot follow the steps before it.
    """
    options = step.settings.options
    if step.kind in ("prune", "quantize") and network.quantize is not None:
        raise UsageError(f"{step.source} is quantized already: {step.kind} what it was made of")
    if isinstance(options, Quantization):
        return open_network(network.replace(quantize=options.network))
    return student_of(options, network) if isinstance(options, Distillation) else network


def student_of(options: Distillation, teacher: AnyNetwork) -> AnyNetwork:
    """The network after a distillation. Raises UsageError if it cannot be built."""
    student = convert_network(options.network) if options.network else teacher
    given = [{"teacher": ORIGINAL, **stage} for stage in options.stages]
    for stage in convert(given, tuple[Stage, ...], at="stages"):
        network = Recipe(network=student).network_of(stage, teacher.classes)
        check_network(network)
    return network


def check_export(where: str, step: Step, network: AnyNetwork, taken: Sequence[str]) -> None:
    """Checks that each file can be written and its packages are installed. Raises UsageError, ModuleNotFoundError."""
    for file, precision in step.export.items():
        if Path(file).name != file:
            raise UsageError(f"{where}.export: {file} is a file's name, without a folder: it is written to out")
        try:
            check_file(Path(file), precision)
        except UsageError as error:
            raise UsageError(f"{where}.export: {error}") from None
        if precision == "int8" and network.quantize is None:
            raise UsageError(f"{where}.export: {file} is to be int8, but what it is exported from is not quantized")
        if precision == "half" and network.is_binary:
            raise UsageError(f"{where}.export: {file} is to be half, but its network is binary: take packed")
        if file in taken:
            raise UsageError(f"{where}.export: an earlier step writes {file} already")
        for module in NEEDED[Path(file).suffix]:
            if importlib.util.find_spec(module) is None:
                raise ModuleNotFoundError(f"{module} is not installed", name=module)
