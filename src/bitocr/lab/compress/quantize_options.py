"""What `bitocr quantize` can be told, and what of it is refused in one line."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bitocr.errors import UsageError
from bitocr.lab.compress.config import DEFAULTS
from bitocr.lab.compress.observers import OBSERVERS
from bitocr.metrics import PROTOCOLS


@dataclass(frozen=True)
class Options:
    """Of one quantization; `scheme` to `ranges` are those of `bitocr.lab.compress.config`."""

    checkpoint: str
    data: str  # a label file, its folder, or a recipe whose data and validation are used
    out: str
    scheme: str | None = None  # None: "engine" for a binary network, else "static"
    weights: int = 8
    edges: int = 8
    ranges: str = "learned"
    observer: str = "percentile"  # one of OBSERVERS: how ranges are found on images
    calibration: int = 300  # images for that
    images: int = 0  # to train with afterwards; 0: post-training quantization only
    share: float = 0.5  # of the own images among these, the rest rendered text; not for a recipe
    protocol: str = "line"  # by which own images are scored; not for a recipe
    validation: str | None = None  # other images to score; None holds some of the own back; not for a recipe

    def quantize(self) -> dict[str, Any]:
        """The value of "quantize" in the network's config, what is left at its default not in it."""
        given = {key: getattr(self, key) for key in ("scheme", "weights", "edges", "ranges")}
        return {key: value for key, value in given.items() if value not in (None, DEFAULTS[key]) or key == "scheme"}

    def begun_with(self) -> dict[str, Any]:
        """What must be the same for a stopped quantization to go on; paths made absolute."""
        values = asdict(self)
        for key in ("checkpoint", "data", "validation"):
            values[key] = values[key] and str(Path(values[key]).resolve())
        return {key: value for key, value in values.items() if key != "out"}


def check_options(options: Options) -> None:
    """Raises UsageError for the first value that is none; those of the network's config are checked with it."""
    if not 1 <= options.calibration <= 10**9:
        raise UsageError(f"calibration is a whole number of images from 1 on, not {options.calibration}")
    if not 0 <= options.images <= 10**12:
        raise UsageError(f"images is a whole number from 0 on, not {options.images}")
    if not 0 < options.share <= 1:
        raise UsageError(f"share is a share above 0 and at most 1, not {options.share!r}")
    for name, known in {"observer": tuple(OBSERVERS), "protocol": tuple(PROTOCOLS)}.items():
        if getattr(options, name) not in known:
            raise UsageError(f"{name} is one of {', '.join(known)}, not {getattr(options, name)!r}")
