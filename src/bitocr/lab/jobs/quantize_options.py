"""What `bitocr quantize` can be told, and what of it is refused in one line."""

from __future__ import annotations

from dataclasses import dataclass

from bitocr.lab.config.convert import convert
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.jobs.options import MANY, Compression, check_choices, check_whole
from bitocr.lab.nn.quant.observers import OBSERVERS


@dataclass(frozen=True, kw_only=True)
class Options(Compression):
    """Of one quantization; `scheme` to `ranges` are those of `bitocr.lab.config.quantize`."""

    scheme: str | None = None  # None: "engine" for a binary network, else "static"
    weights: int = 8
    edges: int = 8
    lstm: int = 8
    ranges: str = "learned"
    observer: str = "percentile"  # one of OBSERVERS: how ranges are found on images
    calibration: int = 300  # images for that

    def quantize(self) -> Quantize:
        """How the network is quantized. Raises UsageError."""
        given = {key: getattr(self, key) for key in ("scheme", "weights", "edges", "lstm", "ranges")}
        return convert(given, Quantize, at="quantize")

    def check(self) -> None:
        """Those of the network's config are checked with it."""
        super().check()
        check_whole(self, {"calibration": (1, MANY), "images": (0, MANY)})
        check_choices(self, {"observer": tuple(OBSERVERS)})
