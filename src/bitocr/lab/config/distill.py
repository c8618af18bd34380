"""The distillation settings of a stage."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from bitocr.lab.config.settings import Settings, SettingsError, Weight

MAP_TERMS = ("fsp", "attention", "features")
"""The losses that compare feature maps."""
TERMS = ("logits", *MAP_TERMS)
"""All losses that have a weight (`bitocr.lab.train.distill`)."""

_PAIRS = "a list of layers [first, last] with 0 <= first < last"


class Distill(Settings, frozen=True):
    """The weights and settings of the losses. A plain number is the weight of the logits."""

    called: ClassVar[str] = "distill"
    form: ClassVar[str] = f"the weight of the logits, or a mapping with some of {', '.join(TERMS)} and more"

    logits: Weight = 0.0
    fsp: Weight = 0.0
    attention: Weight = 0.0
    features: Weight = 0.0
    temperature: Annotated[float, Meta(ge=0.01, le=1000)] = 1.0
    """Of the logits."""
    blank_weight: Annotated[float, Meta(ge=0, le=1)] = 1.0
    """The weight, in the logits loss, of frames that the teacher reads as blank."""
    trusted: bool = False
    """Whether to use the logits only for images whose text the teachers find at least as likely as the student does."""
    pairs: Annotated[tuple[tuple[int, int], ...], Meta(description=_PAIRS)] = ()
    """Pairs of layers for FSP: 0 is the stem, 1 the first block and so on; None: from each resolution to the next."""

    def __post_init__(self) -> None:
        if not all(0 <= first < last for first, last in self.pairs):
            raise SettingsError(f"is {_PAIRS}, not {[list(pair) for pair in self.pairs]}", "pairs")

    @classmethod
    def written_out(cls, given: Any) -> Any:
        is_number = isinstance(given, int | float) and not isinstance(given, bool)
        return {"logits": given} if is_number else given

    @property
    def weights(self) -> dict[str, float]:
        """The weight of every loss."""
        return {term: getattr(self, term) for term in TERMS}

    def __bool__(self) -> bool:
        """Whether any loss has a weight."""
        return any(self.weights.values())
