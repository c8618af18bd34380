"""What every compression is told: which images, which checkpoint, which folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

from bitocr.errors import UsageError
from bitocr.inspect.metrics import PROTOCOLS

MANY = 10**12
KINDS: dict[type, str] = {int: "a whole number", float: "a number", str: "a text", NoneType: "null"}


@dataclass(frozen=True, kw_only=True)
class Images:
    """The images of a compression; all but `data` is for own labels, since a recipe says it itself."""

    data: str  # a label file, its folder, or a recipe whose data and validation are used
    share: float = 0.5  # of the own images in training; the rest is rendered text
    protocol: str = "line"  # by which own images are scored
    validation: str | None = None  # other images to score; None holds some of the own back

    def check(self) -> None:
        """Raises UsageError for the first value that is none."""
        check_kinds(self)
        if not 0 < self.share <= 1:
            raise UsageError(f"share is a share above 0 and at most 1, not {self.share!r}")
        check_choices(self, {"protocol": tuple(PROTOCOLS)})


@dataclass(frozen=True, kw_only=True)
class Compression(Images):
    """A checkpoint that is compressed into a folder."""

    checkpoint: str
    out: str
    images: int = 0  # to train with; 0: not at all

    def begun_with(self) -> dict[str, Any]:
        """What must be the same for a stopped compression to go on; paths made absolute."""
        values = asdict(self)
        for key in ("checkpoint", "data", "validation"):
            values[key] = values[key] and str(Path(values[key]).resolve())
        return {key: value for key, value in values.items() if key != "out"}

    def stage(self, keep_zeros: bool) -> dict[str, Any]:
        """Of the training's one stage: the checkpoint teaches what is made of it."""
        images = {"images": self.images} if self.images else {}
        return {"teacher": str(Path(self.checkpoint).resolve()), "keep_zeros": keep_zeros, **images}

    def way(self) -> dict[str, Any]:
        """How it is compressed, for a report: where files lay is nobody's business."""
        return {key: value for key, value in self.begun_with().items() if key not in ("checkpoint", "data")}


def check_keys(where: str | Path, given: dict[str, Any], known: dict[str, Any], what: str) -> None:
    """Raises UsageError where a key is none of those `known`."""
    unknown = sorted(str(key) for key in set(given) - set(known))
    if unknown:
        raise UsageError(f"{where}: unknown {what} key {unknown[0]!r}; a {what} has {', '.join(known)}")


def check_kinds(options: Images) -> None:
    """Every value is of its field's type. Raises UsageError."""
    hints = get_type_hints(type(options))
    for name in (field.name for field in fields(options)):
        value, kinds = getattr(options, name), get_args(hints[name]) or (hints[name],)
        fitting = (*kinds, int) if float in kinds else kinds
        if isinstance(value, bool) or not isinstance(value, fitting):
            raise UsageError(f"{name} is {' or '.join(KINDS[kind] for kind in kinds)}, not {value!r}")


def check_whole(options: Images, limits: Mapping[str, tuple[int, int]]) -> None:
    """Whole numbers lie within their limits; those that are None are not looked at. Raises UsageError."""
    for name, (least, most) in limits.items():
        number = getattr(options, name)
        if number is not None and not least <= number <= most:
            raise UsageError(f"{name} is a whole number from {least} to {most}, not {number}")


def check_choices(options: Images, choices: Mapping[str, Sequence[str]]) -> None:
    """Texts are among their choices. Raises UsageError."""
    for name, known in choices.items():
        if getattr(options, name) not in known:
            raise UsageError(f"{name} is one of {', '.join(known)}, not {getattr(options, name)!r}")
