"""What `bitocr prune` can be told, and what of it is refused in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.compress.importance import NORMS
from bitocr.lab.compress.sparsity import SCOPES
from bitocr.metrics import PROTOCOLS

WAYS = ("sensitivity", "even")


@dataclass(frozen=True)
class Options:
    """Of one pruning. Channels are cut to `keep`, or with `sparsity` single weights are made 0."""

    checkpoint: str
    data: str  # a label file, its folder, or a recipe whose data and validation are used
    out: str
    keep: float = 0.5  # of the multiply-adds
    sparsity: float | None = None  # share of the prunable weights that become 0
    by: str = "sensitivity"  # or "even": how much of each stream of channels is cut
    norm: str = "l1"  # or "l2": which channels
    scope: str = "global"  # or "layer": where the smallest weights are looked for
    rounds: int | None = None  # of cutting and finetuning; None: 1 for channels, 3 for weights
    images: int = 40_000  # finetuned with in each round; 0: not at all
    share: float = 0.5  # of the own images among these, the rest rendered text; not for a recipe
    sample: int = 300  # images that sensitivity is measured on
    multiple: int | None = None  # channels are kept in multiples of it; None: 32 for a binary network, else 8
    protocol: str = "line"  # by which own images are scored; not for a recipe
    validation: str | None = None  # other images to score; None holds some of the own back; not for a recipe

    @property
    def cuts(self) -> int:
        """The rounds, as given or as usual."""
        return self.rounds if self.rounds is not None else (1 if self.sparsity is None else 3)

    def begun_with(self) -> dict[str, Any]:
        """What must be the same for a stopped pruning to go on; paths made absolute."""
        values = asdict(self)
        for key in ("checkpoint", "data", "validation"):
            values[key] = values[key] and str(Path(values[key]).resolve())
        return {key: value for key, value in values.items() if key != "out"}


def check_overrides(overrides: Sequence[str]) -> None:
    """Raises UsageError for a key=value that would make the recipe another network's or another folder's."""
    for key in (assignment.partition("=")[0] for assignment in overrides):
        if key.partition(".")[0] in ("out", "network", "charset"):
            raise UsageError(f"{key} cannot be set here: what is finetuned is what was cut")


def check_options(options: Options) -> None:
    """Raises UsageError for the first value that is none."""
    whole = {
        "rounds": (options.cuts, 1, 100),
        "images": (options.images, 0, 10**12),
        "sample": (options.sample, 1, 10**9),
    }
    for name, (number, least, most) in whole.items():
        if not least <= number <= most:
            raise UsageError(f"{name} is a whole number from {least} to {most}, not {number}")
    if options.multiple is not None and not 1 <= options.multiple <= 1024:
        raise UsageError(f"multiple is a whole number from 1 to 1024, not {options.multiple}")
    shares = {"keep": options.keep, "share": options.share}
    if options.sparsity is not None:
        shares["sparsity"] = options.sparsity
    for name, share in shares.items():
        if not 0 < share <= 1 or (name != "share" and share == 1):
            raise UsageError(f"{name} is a share above 0 and below 1, not {share!r}")
    choices = {"by": WAYS, "norm": tuple(NORMS), "scope": SCOPES, "protocol": tuple(PROTOCOLS)}
    for name, known in choices.items():
        if getattr(options, name) not in known:
            raise UsageError(f"{name} is one of {', '.join(known)}, not {getattr(options, name)!r}")
