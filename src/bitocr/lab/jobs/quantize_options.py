"""What `bitocr quantize` can be told, and what of it is refused in one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bitocr.lab.jobs.options import MANY, Compression, check_choices, check_whole
from bitocr.lab.nn.quant.observers import OBSERVERS
from bitocr.lab.nn.quant.scheme import DEFAULTS


@dataclass(frozen=True, kw_only=True)
class Options(Compression):
    """Of one quantization; `scheme` to `ranges` are those of `bitocr.lab.nn.quant.scheme`."""

    scheme: str | None = None  # None: "engine" for a binary network, else "static"
    weights: int = 8
    edges: int = 8
    lstm: int = 8
    ranges: str = "learned"
    observer: str = "percentile"  # one of OBSERVERS: how ranges are found on images
    calibration: int = 300  # images for that

    def quantize(self) -> dict[str, Any]:
        """The value of "quantize" in the network's config, what is left at its default not in it."""
        given = {key: getattr(self, key) for key in ("weights", "edges", "lstm", "ranges")}
        settings = {key: value for key, value in given.items() if value != DEFAULTS[key]}
        return settings if self.scheme is None else {"scheme": self.scheme, **settings}

    def check(self) -> None:
        """Those of the network's config are checked with it."""
        super().check()
        check_whole(self, {"calibration": (1, MANY), "images": (0, MANY)})
        check_choices(self, {"observer": tuple(OBSERVERS)})
