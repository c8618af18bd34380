"""The steps of a compression, read from a recipe: what each is made of, and that their order makes sense."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.config.convert import convert
from bitocr.lab.config.network import AnyNetwork, convert_network, open_network
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.config.stage import Stage
from bitocr.lab.export.file import check_file
from bitocr.lab.jobs import prune_options, quantize_options
from bitocr.lab.jobs.folder import RECIPE_SUFFIXES
from bitocr.lab.jobs.options import Compression, Images, check_keys
from bitocr.lab.train.config import check_network, load_recipe, stage_network
from bitocr.lab.train.weights import read_weights

ORIGINAL = "original"
"""The name of what the first step works on."""

STEP: dict[str, Any] = {
    "from": None,  # "original" or an earlier step; None: the step before
    "distill": None,  # DISTILL: another network, or the same one further, with what it is made from as its teacher
    "prune": None,  # options of `bitocr.lab.jobs.prune_options`
    "quantize": None,  # options of `bitocr.lab.jobs.quantize_options`
    "stage": {},  # keys of the training's stage, in pruning and quantizing; teacher may name a step
    "export": {},  # files, each with its precision
}
VERBS = ("distill", "prune", "quantize")
DISTILL: dict[str, Any] = {
    "network": {},  # the student's; none: the teacher's own, going on from its weights
    "stages": [{}],  # as in a training recipe; teacher and start may name steps
}
OPTIONS: dict[str, type[Compression]] = {"prune": prune_options.Options, "quantize": quantize_options.Options}

NEEDED = {".bit": (), ".onnx": ("onnx", "onnxruntime"), ".mnn": ("onnx", "MNN", "_tools")}
"""The modules that write and run a file."""


@dataclass(frozen=True)
class Step:
    """One step. Without a verb it only exports what it is from.

    Attributes:
        name: also its folder's.
        source: the name of what it works on.
        verb: one of VERBS.
        options: those of the verb.
        stage: keys of the training's one stage.
        export: the precision of every file.
    """

    name: str
    source: str
    verb: str | None
    options: dict[str, Any] = field(default_factory=dict)
    stage: dict[str, Any] = field(default_factory=dict)
    export: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """What it is, for a reader: "prune of original: keep 0.5, images 60000"."""
        settings = ", ".join(f"{key} {value}" for key, value in {**self.options, **self.stage}.items())
        return f"{self.verb or 'export'} of {self.source}" + (f": {settings}" if settings else "")


def load_steps(given: dict[str, Any], checkpoint: Path) -> list[Step]:
    """The steps in their order, each with its STEP keys. Raises UsageError, ModelError."""
    if not given:
        raise UsageError(f"steps: there is none; a step has one of {', '.join(VERBS)}, or export, or both")
    networks = {ORIGINAL: network_of(checkpoint)}
    steps: list[Step] = []
    for name, values in given.items():
        where = f"steps.{name}"
        if name == ORIGINAL or not re.fullmatch(r"[\w-]+", name):
            raise UsageError(f"{where}: a step's name has letters, digits, - and _, and is not {ORIGINAL}")
        if not isinstance(values, dict):
            raise UsageError(f"{where} is a mapping with some of {', '.join(STEP)}")
        check_keys(where, values, STEP, "step")
        step = load_step(where, name, values, list(networks))
        networks[name] = network_after(where, step, networks[step.source])
        check_export(where, step, networks[name], [file for other in steps for file in other.export])
        steps.append(step)
    return steps


def load_step(where: str, name: str, values: dict[str, Any], known: list[str]) -> Step:
    """One step; `known` are the names of what it can work on, the last one usually."""
    source = known[-1] if values["from"] is None else values["from"]
    if source not in known:
        raise UsageError(f"{where}.from is one of {', '.join(known)}, not {source!r}")
    for key in (*VERBS, "stage", "export"):
        if values[key] is not None and not isinstance(values[key], dict):
            raise UsageError(f"{where}.{key} is a mapping of keys to values, not {values[key]!r}")
    verbs = [verb for verb in VERBS if values[verb] is not None]
    if len(verbs) > 1:
        raise UsageError(f"{where} does both {verbs[0]} and {verbs[1]}: make two steps of it")
    if not verbs and not values["export"]:
        raise UsageError(f"{where} does nothing: it has one of {', '.join(VERBS)}, or export, or both")
    verb = verbs[0] if verbs else None
    step = Step(name, source, verb, values[verb] if verb else {}, values["stage"] or {}, values["export"] or {})
    check_options(where, step, known)
    return step


def check_options(where: str, step: Step, known: list[str]) -> None:
    """What the verb is told is what it can be told. Raises UsageError."""
    if step.verb in OPTIONS:
        kind = OPTIONS[step.verb]
        of_row = {"checkpoint", "out", *(each.name for each in fields(Images))}
        own = {each.name: each.default for each in fields(kind) if each.name not in of_row}
        check_keys(f"{where}.{step.verb}", step.options, own, step.verb)
        try:
            kind(checkpoint="", data="", out="", **step.options).check()
        except UsageError as error:
            raise UsageError(f"{where}.{step.verb}: {error}") from None
        check_teachers(where, [convert({"teacher": ORIGINAL, **step.stage}, Stage, at=f"{where}.stage")], known)
        return
    if step.stage:
        raise UsageError(f"{where}.stage is for prune and quantize" + "; distill has stages" * bool(step.verb))
    if step.verb == "distill":
        check_keys(f"{where}.distill", step.options, DISTILL, "distill")
        if not isinstance(step.options.get("network", {}), dict):
            raise UsageError(f"{where}.distill.network is a mapping of keys to values")
        stages = step.options.get("stages", DISTILL["stages"])
        if not isinstance(stages, list) or not stages or not all(isinstance(stage, dict) for stage in stages):
            raise UsageError(f"{where}.distill.stages is a list of stages as in a training recipe")
        full = [{"teacher": ORIGINAL, **stage} for stage in stages]
        check_teachers(where, convert(full, list[Stage], at=f"{where}.distill.stages"), known)


def check_teachers(where: str, stages: list[Stage], known: list[str]) -> None:
    """What the stages start from and are taught by is there. Raises UsageError."""
    own = [stage.name for stage in stages]
    for stage in stages:
        for name in {stage.start, *stage.teacher} - {"previous", "scratch", *known, *own}:
            if not Path(name).is_file():
                raise UsageError(f"{where}: {name!r} is none of {', '.join([*known, *own])}, and no weights file")


def network_of(checkpoint: Path) -> AnyNetwork:
    """The network of a weights file, or that a training recipe ends with. Raises UsageError, ModelError."""
    if checkpoint.suffix in RECIPE_SUFFIXES:
        recipe = load_recipe(checkpoint)
        return stage_network(recipe, recipe.stages[-1])
    return open_network(read_weights(checkpoint)[1]["network"])


def network_after(where: str, step: Step, network: AnyNetwork) -> AnyNetwork:
    """What a step makes of `network`; the widths that pruning will find are not in it yet.

    Raises:
        UsageError: a network that there is none of, or a verb that cannot follow what was done before.
    """
    if step.verb in OPTIONS and network.quantize is not None:
        what = "prune comes before quantize" if step.verb == "prune" else "quantize what it was made of"
        raise UsageError(f"{where}: {step.source} is quantized already: {what}")
    try:
        if step.verb == "quantize":
            options = quantize_options.Options(checkpoint="", data="", out="", **step.options)
            return open_network(network.replace(quantize=options.quantize()))
        if step.verb == "distill":
            return student_of(step, network)
    except UsageError as error:
        raise UsageError(f"{where}.{step.verb}: {error}") from None
    return network


def student_of(step: Step, teacher: AnyNetwork) -> AnyNetwork:
    """The network that a distillation ends with. Raises UsageError for one that cannot be built."""
    student = convert_network(step.options.get("network") or teacher.plain())
    stages = convert(step.options.get("stages", DISTILL["stages"]), tuple[Stage, ...], at="stages")
    for stage in stages:
        network = Recipe(network=student).network_of(stage, teacher.classes)
        check_network(network)
    return network


def check_export(where: str, step: Step, network: AnyNetwork, taken: list[str]) -> None:
    """Every file can be written, and what writes and runs it is installed. Raises UsageError, ModuleNotFoundError."""
    for file, precision in step.export.items():
        if Path(str(file)).name != file:
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
