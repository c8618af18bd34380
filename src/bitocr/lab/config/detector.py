"""The detector's config, saved with its weights and, in the file format's notation, in page.bit.

{"arch": "bit_det", "stem": 32, "blocks": [[32, [2, 2]], [64, [2, 2]], [64, [1, 1]], ...], "neck": 64,
 "stage": "both", "binarizer": "reactnet", "clip": 1.5}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta

from bitocr.lab.config.convert import convert
from bitocr.lab.config.network import Binarization, BinarizerName, Block, Blocks, Channels
from bitocr.lab.config.settings import MANY, Settings, SettingsError

STRIDES = 4
"""The number of 2 x 2 strides among the blocks. After the stem's stride of 2 they give maps at strides 4, 8, 16, 32."""


class BitDetector(Settings, frozen=True, kw_only=True):
    """A detector with a binary backbone (`bitocr.lab.nn.detector`)."""

    called: ClassVar[str] = "a detector"

    arch: Literal["bit_det"] = "bit_det"
    stem: Channels = 32
    blocks: Blocks = (
        Block(channels=32, stride=(2, 2)),
        Block(channels=64, stride=(2, 2)),
        Block(channels=64, stride=(1, 1)),
        Block(channels=64, stride=(1, 1)),
        Block(channels=96, stride=(2, 2)),
        Block(channels=96, stride=(1, 1)),
        Block(channels=128, stride=(1, 1)),
        Block(channels=128, stride=(2, 2)),
        Block(channels=128, stride=(1, 1)),
    )
    neck: Channels = 64
    """The channels of the sums over the scales."""
    stage: Binarization = "both"
    binarizer: BinarizerName = "reactnet"
    clip: Annotated[float, Meta(gt=0, le=MANY)] = 1.5
    """The largest |x| at which the sign of activations has a gradient."""

    def __post_init__(self) -> None:
        if len(self.taps) != STRIDES or any(block.stride[0] != block.stride[1] for block in self.blocks):
            raise SettingsError(f"have {STRIDES} strides of [2, 2], the first block's among them", "blocks")

    @property
    def taps(self) -> tuple[int, ...]:
        """The last block at each scale, finest first."""
        wide = [index for index, block in enumerate(self.blocks) if block.stride == (2, 2)]
        return tuple(index - 1 for index in [*wide[1:], len(self.blocks)]) if wide[:1] == [0] else ()

    @property
    def is_binary(self) -> bool:
        """Whether weights and activations of all blocks are binary."""
        return self.stage == "both"


def open_detector(config: BitDetector | Mapping[str, Any]) -> BitDetector:
    """The detector that a config describes, with defaults for missing keys. Raises UsageError."""
    return config if isinstance(config, BitDetector) else convert(dict(config), BitDetector, at="network")
