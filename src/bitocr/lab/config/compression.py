"""Compression recipes: a checkpoint, the images for all steps, and the steps in order.

out: runs/small
checkpoint: runs/mine/float/weights.safetensors    # or the recipe that trains it
data: {path: pictures}
steps:                                             # each takes the result of the step before, or of `from`
  half: {prune: {keep: 0.5}, export: {half.onnx: float}}
  half-int8: {quantize: {images: 40000}, export: {half-int8.onnx: int8}}
  int8: {from: original, quantize: {images: 40000}}
report: {sets: [{path: labels.tsv, protocol: line}]}
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, field, structs

from bitocr.lab.config.data import Columns, Jitter, Protocol, Reuse, ValidationSet, Workers
from bitocr.lab.config.load import merge
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.config.settings import Count, CountOrNone, Settings, SettingsError, Share

Part = Annotated[float, Meta(gt=0, lt=1)]
TRAINING_IMAGES = 40_000
"""The default number of images in a training."""
Kind = Literal["distill", "prune", "quantize"]
KINDS: tuple[Kind, ...] = ("distill", "prune", "quantize")


class Images(Settings, frozen=True):
    """The images of a compression. `share`, `protocol` and `validation` apply to a label file; a recipe has its own."""

    called: ClassVar[str] = "data"

    path: Annotated[str, Meta(description="a label file, its folder, or a recipe")]
    """A label file, its folder, or a training recipe whose data and validation are used."""
    root: str | None = None
    """The folder that relative paths start from; None: the recipe's root, else the working directory."""
    share: Share = 0.5
    """The share of your own images in training; the rest is rendered text."""
    protocol: Protocol = "line"
    """The protocol that scores your own images."""
    validation: str | None = None
    """Other images to score; None holds back some of your own."""
    columns: Columns | None = None
    """This and the keys below apply to all trainings (see `config.data.Data`); None: as in each step's recipe."""
    reuse: Reuse | None = None
    capacity: Count | None = None
    jitter: Jitter | None = None
    workers: Workers | None = None

    @property
    def training(self) -> dict[str, Any]:
        """The keys of a training's data that are given."""
        values = {key: getattr(self, key) for key in ("columns", "reuse", "capacity", "jitter", "workers")}
        return {key: value for key, value in values.items() if value is not None}


class Prune(Settings, frozen=True):
    """A pruning. It cuts channels down to `keep`; with `sparsity`, it sets single weights to 0 instead."""

    called: ClassVar[str] = "prune"

    keep: Part = 0.5
    """The share of the multiply-adds to keep."""
    sparsity: Part | None = None
    """The share of the prunable weights to set to 0."""
    by: Literal["sensitivity", "even"] = "sensitivity"
    """How to choose the number of channels to cut in each group of coupled channels."""
    norm: Literal["l1", "l2"] = "l1"
    """The norm that ranks channels."""
    scope: Literal["global", "layer"] = "global"
    """Whether to rank weights over the whole network or in each layer."""
    rounds: Annotated[int, Meta(ge=1, le=100)] | None = None
    """The rounds of cutting and finetuning; None: 1 for channels, 3 for weights."""
    images: CountOrNone = TRAINING_IMAGES
    """The images to finetune with in each round; 0: no finetuning."""
    sample: Count = 300
    """The number of images that measure sensitivity."""
    multiple: Annotated[int, Meta(ge=1, le=1024)] | None = None
    """Keep a multiple of this many channels; None: 32 for a binary network, else 8."""

    @property
    def cuts(self) -> int:
        """The rounds, given or by default."""
        return self.rounds if self.rounds is not None else (1 if self.sparsity is None else 3)

    @property
    def method(self) -> dict[str, Any]:
        """What to prune, how much, and by which criterion."""
        if self.sparsity is not None:
            return {"sparsity": self.sparsity, "scope": self.scope}
        return {"keep": self.keep, "by": self.by, "norm": self.norm}


class Quantization(Quantize, frozen=True, omit_defaults=False):
    """A quantization: how to quantize the network, how to find ranges, and whether to train it afterwards."""

    observer: Literal["minmax", "percentile", "entropy"] = "percentile"
    """The rule that finds the ranges of activations (`bitocr.lab.nn.quant.observers`)."""
    calibration: Count = 300
    """The number of images to find ranges on."""
    images: CountOrNone = 0
    """The number of images to train the quantized network with; 0: no training."""

    @property
    def method(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        return changes(self, but=("images",))

    @property
    def network(self) -> Quantize:
        """The settings that go into the network's config."""
        return Quantize(**{key: getattr(self, key) for key in Quantize.__struct_fields__})


class Distillation(Settings, frozen=True):
    """A distillation: the student, and how to train it. The step's input is the teacher."""

    called: ClassVar[str] = "distill"

    network: dict[str, Any] = field(default_factory=dict)
    """The student's network; empty: the teacher's own network, starting from its weights."""
    stages: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1)] = ({},)
    """The stages, as in a training recipe; teacher and start may name steps."""

    @property
    def method(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        return {key: list(value) if key == "stages" else value for key, value in changes(self).items()}


Options = Prune | Quantization | Distillation


class Step(Settings, frozen=True):
    """One step: prune, quantize or distill, or only exports."""

    called: ClassVar[str] = "a step"
    form: ClassVar[str] = "a mapping with some of from, distill, prune, quantize, stage, export"

    source: str | None = field(name="from", default=None)
    """The step whose result is the input, or "original"; None: the step before."""
    distill: Distillation | None = None
    prune: Prune | None = None
    quantize: Quantization | None = None
    stage: dict[str, Any] = field(default_factory=dict)
    """Settings of the training stage in pruning and quantizing; its teacher may name a step."""
    export: dict[str, Any] = field(default_factory=dict)
    """The files to write, each with its precision."""

    def __post_init__(self) -> None:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) > 1:
            raise SettingsError(f"does both {kinds[0]} and {kinds[1]}: make two steps of it")
        if not kinds and not self.export:
            raise SettingsError(f"does nothing: it has one of {', '.join(KINDS)}, or export, or both")
        if self.stage and (not kinds or self.distill):
            raise SettingsError("is for prune and quantize; distill has stages", "stage")

    @classmethod
    def written_out(cls, given: Any) -> Any:
        return {key: value for key, value in given.items() if value is not None} if isinstance(given, dict) else given

    @property
    def kind(self) -> Kind | None:
        return next((kind for kind in KINDS if getattr(self, kind) is not None), None)

    @property
    def options(self) -> Options | None:
        """The options of the step's kind."""
        return self.distill or self.prune or self.quantize


class Report(Settings, frozen=True):
    """The report over all steps."""

    called: ClassVar[str] = "report"

    sets: tuple[ValidationSet, ...] = ()
    """The sets to measure; empty: the validation sets of the steps."""
    rounds: Annotated[int, Meta(ge=1, le=1000)] = 15
    """The rounds of timing."""


class Compression(Settings, frozen=True, kw_only=True):
    """A compression recipe."""

    called: ClassVar[str] = "a recipe"

    out: str = "runs/compress"
    """The output folder."""
    checkpoint: Annotated[str, Meta(description="a weights.safetensors, or a recipe that trains it")]
    """The weights to compress, or a recipe that is run first to train them."""
    data: Images
    trainer: dict[str, Any] = field(default_factory=dict)
    """The trainer settings of all trainings, as in a training recipe."""
    steps: dict[str, Step] = field(default_factory=dict)
    """The steps in order, by name. The name is also that of the step's folder."""
    report: Report = Report()

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        # Report a missing checkpoint before any other error.
        given = merge({"checkpoint": None, "data": {}, "trainer": {}, "steps": {}, "report": {}}, given)
        if isinstance(given["steps"], dict):
            parts: dict[str, Any] = {"stage": {}, "export": {}}
            steps = given["steps"].items()
            given["steps"] = {str(name): merge(parts, step) if isinstance(step, dict) else step for name, step in steps}
        return given


def changes(settings: Settings, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """The settings that differ from their defaults, except those to leave out."""
    usual = type(settings)()
    values = structs.asdict(settings)
    return {key: value for key, value in values.items() if key not in but and value != getattr(usual, key)}
