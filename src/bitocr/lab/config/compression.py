"""Compressions: a checkpoint, the images that all steps work with, and the steps, one after the other.

out: runs/small
checkpoint: runs/mine/float/weights.safetensors    # or the recipe that trains it
data: {path: pictures}
steps:                                             # each works on what the one before it made, or on that of `from`
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
"""The default number of images of a training."""
Kind = Literal["distill", "prune", "quantize"]
KINDS: tuple[Kind, ...] = ("distill", "prune", "quantize")


class Images(Settings, frozen=True):
    """The images of a compression. `share`, `protocol` and `validation` are for own labels; a recipe has its own."""

    called: ClassVar[str] = "data"

    path: Annotated[str, Meta(description="a label file, its folder, or a recipe")]
    """A label file, its folder, or a training recipe whose data and validation are used."""
    root: str | None = None
    """What relative paths of recipes and of the report's sets start from; None: the recipe's, else here."""
    share: Share = 0.5
    """Of the own images in training; the rest is rendered text."""
    protocol: Protocol = "line"
    """By which own images are scored."""
    validation: str | None = None
    """Other images to score; None holds some of the own back."""
    columns: Columns | None = None
    """Of all trainings, as all that follows (`bitocr.lab.config.data.Data`); None: as each step's own recipe says."""
    reuse: Reuse | None = None
    capacity: Count | None = None
    jitter: Jitter | None = None
    workers: Workers | None = None

    @property
    def training(self) -> dict[str, Any]:
        """The given keys of a training's data."""
        values = {key: getattr(self, key) for key in ("columns", "reuse", "capacity", "jitter", "workers")}
        return {key: value for key, value in values.items() if value is not None}


class Prune(Settings, frozen=True):
    """The settings of one pruning. Channels are cut to `keep`; with `sparsity`, single weights become 0 instead."""

    called: ClassVar[str] = "prune"

    keep: Part = 0.5
    """Of the multiply-adds."""
    sparsity: Part | None = None
    """Share of the prunable weights that become 0."""
    by: Literal["sensitivity", "even"] = "sensitivity"
    """How much of each group of coupled channels is cut."""
    norm: Literal["l1", "l2"] = "l1"
    """Which channels are cut."""
    scope: Literal["global", "layer"] = "global"
    """Where the smallest weights are looked for."""
    rounds: Annotated[int, Meta(ge=1, le=100)] | None = None
    """Of cutting and finetuning; None: 1 for channels, 3 for weights."""
    images: CountOrNone = TRAINING_IMAGES
    """Finetuned with in each round; 0: not at all."""
    sample: Count = 300
    """Images that sensitivity is measured on."""
    multiple: Annotated[int, Meta(ge=1, le=1024)] | None = None
    """Channels are kept in multiples of it; None: 32 for a binary network, else 8."""

    @property
    def cuts(self) -> int:
        """The rounds, given or by default."""
        return self.rounds if self.rounds is not None else (1 if self.sparsity is None else 3)

    @property
    def method(self) -> dict[str, Any]:
        """What is pruned, how much, and by which criterion."""
        if self.sparsity is not None:
            return {"sparsity": self.sparsity, "scope": self.scope}
        return {"keep": self.keep, "by": self.by, "norm": self.norm}


class Quantization(Quantize, frozen=True, omit_defaults=False):
    """One quantization: how the network is quantized, how ranges are found, and whether it is trained afterwards."""

    observer: Literal["minmax", "percentile", "entropy"] = "percentile"
    """How ranges of activations are found on images (`bitocr.lab.nn.quant.observers`)."""
    calibration: Count = 300
    """Images for that."""
    images: CountOrNone = 0
    """To train the quantized network with; 0: not at all."""

    @property
    def method(self) -> dict[str, Any]:
        """What is not as usual."""
        return changes(self, but=("images",))

    @property
    def network(self) -> Quantize:
        """The settings that belong into the network's config."""
        return Quantize(**{key: getattr(self, key) for key in Quantize.__struct_fields__})


class Distillation(Settings, frozen=True):
    """One distillation: the student, and how it is trained. The step's input is its teacher."""

    called: ClassVar[str] = "distill"

    network: dict[str, Any] = field(default_factory=dict)
    """The student's; none: the teacher's own, going on from its weights."""
    stages: Annotated[tuple[dict[str, Any], ...], Meta(min_length=1)] = ({},)
    """As in a training recipe; teacher and start may name steps."""

    @property
    def method(self) -> dict[str, Any]:
        """What is not as usual."""
        return {key: list(value) if key == "stages" else value for key, value in changes(self).items()}


Options = Prune | Quantization | Distillation


class Step(Settings, frozen=True):
    """One step: prune, quantize or distill, or only exports."""

    called: ClassVar[str] = "a step"
    form: ClassVar[str] = "a mapping with some of from, distill, prune, quantize, stage, export"

    source: str | None = field(name="from", default=None)
    """The step whose result it works on, or "original"; None: the step before."""
    distill: Distillation | None = None
    prune: Prune | None = None
    quantize: Quantization | None = None
    stage: dict[str, Any] = field(default_factory=dict)
    """Keys of the training's one stage, in pruning and quantizing; its teacher may name a step."""
    export: dict[str, Any] = field(default_factory=dict)
    """Files, each with its precision."""

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
    """What the report over all steps measures."""

    called: ClassVar[str] = "report"

    sets: tuple[ValidationSet, ...] = ()
    """None: what the steps are measured by."""
    rounds: Annotated[int, Meta(ge=1, le=1000)] = 15
    """Of timing."""


class Compression(Settings, frozen=True, kw_only=True):
    """A whole compression."""

    called: ClassVar[str] = "a recipe"

    out: str = "runs/compress"
    """The folder."""
    checkpoint: Annotated[str, Meta(description="a weights.safetensors, or a recipe that trains it")]
    """A recipe is run first."""
    data: Images
    trainer: dict[str, Any] = field(default_factory=dict)
    """Of all trainings, as in a training recipe."""
    steps: dict[str, Step] = field(default_factory=dict)
    """By name, which is also the folder's, in the order in which they are done."""
    report: Report = Report()

    @classmethod
    def within_reach(cls, given: dict[str, Any]) -> dict[str, Any]:
        # A missing checkpoint is reported before anything else that is wrong.
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
