"""A stage of a recognizer's training."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from bitocr.lab.config.distill import Distill
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.config.settings import SettingsError, Weight
from bitocr.lab.config.training import TrainingStage

Teachers = Annotated[
    tuple[str, ...],
    Meta(min_length=1, description="a stage's name or a weights file, or a list of them"),
]


class Stage(TrainingStage, frozen=True):
    """A stage of a recognizer's training."""

    quantize: Quantize | None = None
    """The quantization; None: as the recipe's network says; {}: the defaults."""
    keep_zeros: bool = False
    """Keep weights at 0 that are 0 at the start: those that pruning removed."""
    frozen: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Freeze the stem and this many blocks at the beginning of the backbone; 0 freezes nothing."""
    ctc: Weight = 1.0
    """The weight of the CTC loss."""
    distinct: Annotated[int, Meta(ge=0, le=65536)] = 0
    """Beside the classes of the batch's labels, keep this many of the teachers' likeliest classes and lump the others
    together (`lab.train.lumped`); 0 keeps all classes."""
    sampled: bool = False
    """Leave all other classes but a random few out of each step instead of lumping them (`lab.train.sampled`)."""
    teacher: Teachers = ()
    """The frozen teachers: names of earlier stages, or weights files. A single one needs no list."""
    distill: Distill = Distill()
    together: bool = False
    """Train the teacher, which is the stage before, on the same batches instead of before (`lab.train.together`)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.distill and not self.teacher:
            raise SettingsError("needs a teacher: an earlier stage's name or a weights file", "distill")
        if not self.ctc and not self.distill:
            raise SettingsError("has nothing to learn from: ctc and all weights of distill are 0")
        if self.together and (len(self.teacher) != 1 or not self.distill):
            raise SettingsError("needs one teacher, the stage before, and distill to learn from it", "together")
        others = [weight for term, weight in self.distill.weights.items() if term != "logits"]
        is_simple = len(self.teacher) == 1 and self.distill.logits and not any(others) and not self.together
        if self.sampled and not (self.distinct and is_simple):
            raise SettingsError("needs distinct, and a single frozen teacher of which only the logits count", "sampled")
        if self.distinct and self.distill.temperature != 1:
            raise SettingsError("lumps classes together, which takes a distill.temperature of 1", "distinct")

    @classmethod
    def written_out(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "teacher" not in given:
            return given
        teacher, rest = given["teacher"], {key: value for key, value in given.items() if key != "teacher"}
        if teacher is None:
            return rest
        return {**rest, "teacher": teacher if isinstance(teacher, list) else [teacher]}
