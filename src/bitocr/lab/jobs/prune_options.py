"""What `bitocr prune` can be told, and what of it is refused in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bitocr.errors import UsageError
from bitocr.lab.jobs.options import MANY, Compression, check_choices, check_whole
from bitocr.lab.nn.prune.importance import NORMS
from bitocr.lab.nn.prune.sparsity import SCOPES

CHOICES = {"by": ("sensitivity", "even"), "norm": tuple(NORMS), "scope": SCOPES}
LIMITS = {"rounds": (1, 100), "images": (0, MANY), "sample": (1, MANY), "multiple": (1, 1024)}


@dataclass(frozen=True, kw_only=True)
class Options(Compression):
    """Of one pruning. Channels are cut to `keep`, or with `sparsity` single weights are made 0."""

    keep: float = 0.5  # of the multiply-adds
    sparsity: float | None = None  # share of the prunable weights that become 0
    by: str = "sensitivity"  # or "even": how much of each group of coupled channels is cut
    norm: str = "l1"  # or "l2": which channels
    scope: str = "global"  # or "layer": where the smallest weights are looked for
    rounds: int | None = None  # of cutting and finetuning; None: 1 for channels, 3 for weights
    images: int = 40_000  # finetuned with in each round; 0: not at all
    sample: int = 300  # images that sensitivity is measured on
    multiple: int | None = None  # channels are kept in multiples of it; None: 32 for a binary network, else 8

    @property
    def cuts(self) -> int:
        """The rounds, as given or as usual."""
        return self.rounds if self.rounds is not None else (1 if self.sparsity is None else 3)

    def check(self) -> None:
        super().check()
        check_whole(self, LIMITS)
        check_choices(self, CHOICES)
        for name in ("keep", "sparsity"):
            share = getattr(self, name)
            if share is not None and not 0 < share < 1:
                raise UsageError(f"{name} is a share above 0 and below 1, not {share!r}")


def check_overrides(overrides: Sequence[str]) -> None:
    """Raises UsageError for a key=value that would make the recipe another network's or another folder's."""
    for key in (assignment.partition("=")[0] for assignment in overrides):
        if key.partition(".")[0] in ("out", "network", "charset"):
            raise UsageError(f"{key} cannot be set here: what is trained is what was made of the checkpoint")
