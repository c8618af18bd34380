"""What a stage learns from its teachers."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bitocr.lab.config.settings import Settings, SettingsError, Weight

MAP_TERMS = ("fsp", "attention", "features")
"""The terms that compare feature maps."""
TERMS = ("logits", *MAP_TERMS)
"""All that have a weight (`bitocr.lab.train.distill`)."""

_PAIRS = "a list of layers [first, last] with 0 <= first < last"


class Distill(Settings, frozen=True):
    """The weight and settings of each term. A plain number is the weight of the logits."""

    called: ClassVar[str] = "distill"
    form: ClassVar[str] = f"the weight of the logits, or a mapping with some of {', '.join(TERMS)} and more"

    logits: Weight = 0.0
    fsp: Weight = 0.0
    attention: Weight = 0.0
    features: Weight = 0.0
    temperature: Annotated[float, Meta(ge=0.01, le=1000)] = 1.0
    """Of the logits."""
    blank_weight: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """Of the frames that the teacher reads as blank, for the logits."""
    trusted: bool = False
    """The logits count only for images whose text the teachers find at least as likely as the student does."""
    pairs: Annotated[tuple[tuple[int, int], ...], Meta(description=_PAIRS)] = ()
    """Layers for FSP, 0 the stem, 1 the first block ...; none: from resolution to resolution."""

    def __post_init__(self) -> None:
        if not all(0 <= first < last for first, last in self.pairs):
            raise SettingsError(f"is {_PAIRS}, not {[list(pair) for pair in self.pairs]}", "pairs")

    @classmethod
    def written_out(cls, given: Any) -> Any:
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        return {"logits": given} if is_number else given

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every term."""
        return {term: getattr(self, term) for term in TERMS}

    def __bool__(self) -> bool:
        """Whether anything is learned from a teacher."""
        return any(self.weights.values())
