"""A stage of a training."""

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
    """What is trained, for how long, how, and with which teacher."""

    quantize: Quantize | None = None
    """How the network is quantized; None leaves it as the recipe's network says, {} takes defaults."""
    keep_zeros: bool = False
    """What is 0 where it starts stays 0: the weights that pruning took out."""
    frozen: Annotated[int, Meta(ge=0, le=1000)] = 0
    """Blocks at the backbone's beginning that stay as they are, and the stem with them; 0: none, nor the stem."""
    ctc: Weight = 1.0
    """Of the task's own loss."""
    distinct: Annotated[int, Meta(ge=0, le=65536)] = 0
    """Classes told apart beside those of a batch's labels, the teachers' likeliest; 0: all (`lab.train.lumped`)."""
    teacher: Teachers = ()
    """Earlier stages' names or weights files, frozen; a recipe may name one without a list."""
    distill: Distill = Distill()
    together: bool = False
    """The teacher, which is the stage before, is trained on the same batches instead of earlier
    (`lab.train.together`)."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.distill and not self.teacher:
            raise SettingsError("needs a teacher: an earlier stage's name or a weights file", "distill")
        if not self.ctc and not self.distill:
            raise SettingsError("has nothing to learn from: ctc and all weights of distill are 0")
        if self.together and (len(self.teacher) != 1 or not self.distill):
            raise SettingsError("needs one teacher, the stage before, and distill to learn from it", "together")
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
