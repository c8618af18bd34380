"""The config of a network, saved with its weights and, in the file format's notation, in model.bit.

    {"arch": "bit_crnn", "stem": 32, "blocks": [[32, [1, 1]], [64, [2, 2]], ...],
     "neck": {"type": "bilstm", "hidden": 96}, "stage": "both", "binarizer": "reactnet", "clip": 1.5, "classes": 96}

Two more keys are optional: "head" for a bottleneck, "quantize" for a quantized network. `open_network` turns it into a
`Network`; `Network.plain` is the inverse.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, structs

from bitocr.lab.config.convert import convert
from bitocr.lab.config.quantize import Quantize, Scheme
from bitocr.lab.config.settings import MANY, Settings, SettingsError

WIDEST = 1 << 16
"""The most channels, hidden units or classes."""

Binarization = Literal["float", "activations", "both"]
"""How far a network is binarized."""
BinarizerName = Literal["bnn", "xnor", "bireal", "reactnet"]
"""See `bitocr.lab.nn.binary`."""
Channels = Annotated[int, Meta(ge=1, le=WIDEST, description=f"a whole number from 1 to {WIDEST}")]
Stride = Literal[1, 2]


class Block(Settings, frozen=True, array_like=True):
    """[channels, [stride over height, stride over width]]."""

    called: ClassVar[str] = "a block"

    channels: Channels
    """The output channels."""
    stride: tuple[Stride, Stride]


class Neck(Settings, frozen=True, omit_defaults=True):
    """The neck between backbone and head: {type: bilstm, hidden: 96}, or {type: none}."""

    called: ClassVar[str] = "a neck"

    type: Literal["bilstm", "none"]
    hidden: Annotated[int, Meta(ge=0, le=WIDEST, description=f"a whole number from 1 to {WIDEST}")] = 0
    """The hidden units of the LSTM per direction."""

    def __post_init__(self) -> None:
        if self.type == "bilstm" and not self.hidden:
            raise SettingsError(f"is a whole number from 1 to {WIDEST} for a bilstm", "hidden")


class Head(Settings, frozen=True):
    """A bottleneck before the head.

    A head of 7,000 classes by 256 features would take most of a model's size and time. The bottleneck is a linear layer
    256 -> 96 before it, without bias or nonlinearity. Together they are one matrix of rank 96.
    """

    called: ClassVar[str] = "a head"

    bottleneck: Annotated[int, Meta(description="a whole number")]
    """The output features: fewer than the input features, and a multiple of 8, as model.bit requires."""


Blocks = Annotated[
    tuple[Block, ...],
    Meta(
        min_length=1,
        description="a list of [channels, [stride over height, over width]], "
        f"with 1 to {WIDEST} channels and strides of 1 or 2",
    ),
]


class Network(Settings, frozen=True, kw_only=True, tag_field="arch"):
    """The settings that all networks share."""

    called: ClassVar[str] = "a network"

    stem: Channels = 32
    """The channels of the stem."""
    blocks: Blocks
    neck: Annotated[Neck, Meta(description="{type: bilstm, hidden: 96} or {type: none}")] = Neck(
        type="bilstm", hidden=96
    )
    classes: Channels = 96
    """The number of characters plus one for the blank. In a recipe it follows from the charset."""
    head: Annotated[Head | None, Meta(description="{bottleneck: 96} or left out")] = None
    """The bottleneck; None: none, which suits small charsets."""
    quantize: Quantize | None = None
    """The quantization; None: a float network, or a binary one whose other layers are float."""

    def __post_init__(self) -> None:
        if prod(block.stride[1] for block in self.blocks) > 2:
            what = "may have one stride of 2 over the width: a time step every 4 columns, or 2"
            raise SettingsError(what, "blocks")
        size = self.head.bottleneck if self.head else 8
        if size % 8 or not 8 <= size < max(self.features, 9):
            what = f"is a multiple of 8 below the {self.features} that come in, not {size}"
            raise SettingsError(what, "head.bottleneck")

    @classmethod
    def written_out(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        full = {"arch": "bit_crnn", **given}
        return {key: value for key, value in full.items() if key != "head" or value != {}}

    @property
    def arch(self) -> str:
        return str(self.__struct_config__.tag)

    @property
    def is_float(self) -> bool:
        """Whether no layer is binarized."""
        return True

    @property
    def is_binary(self) -> bool:
        """Whether weights and activations of all blocks are binary."""
        return False

    @property
    def features(self) -> int:
        """The features per time step, before bottleneck and head."""
        return 2 * self.neck.hidden if self.neck.type == "bilstm" else self.blocks[-1].channels

    @property
    def columns_per_step(self) -> int:
        """The image columns per time step: 2 or 4, including the stem's stride."""
        return 2 * prod(block.stride[1] for block in self.blocks)

    @property
    def quantization(self) -> Quantize | None:
        """The quantization, with the default scheme if none is given; None for a float network."""
        if self.quantize is None or self.quantize.scheme is not None:
            return self.quantize
        return self.quantize.replace(scheme="engine" if self.is_binary else "static")

    @property
    def scheme(self) -> Scheme | None:
        """The scheme of the quantization; None if there is none."""
        return self.quantization.scheme if self.quantization else None

    def check(self) -> None:
        """Raises UsageError if the network cannot be quantized as its settings ask."""
        if self.quantize is None:
            return
        if not self.is_float and not self.is_binary:
            raise SettingsError("a network of stage activations is on its way to a binary one: quantize that")
        if self.is_binary != (self.scheme == "engine"):
            kind, fitting = ("binary", "engine") if self.is_binary else ("float", "static or dynamic")
            raise SettingsError(f"is {fitting} for a {kind} network, not {self.scheme}", "quantize.scheme")
        if self.is_binary and self.quantize.replace(scheme=None, lstm=8, ranges="learned") != Quantize():
            raise SettingsError("the engine's stem and head have 8 bits: quantize.weights, edges and activations stay")

    def plain(self) -> dict[str, Any]:
        """The config with every key, without head and quantize if these are None."""
        config = {key: value for key, value in super().plain().items() if value is not None}
        if self.quantization is not None:
            config["quantize"] = structs.asdict(self.quantization)
        return config


class BitCRNN(Network, frozen=True, kw_only=True, tag="bit_crnn"):
    """A CRNN with a binary backbone (`bitocr.lab.nn.backbone`)."""

    blocks: Blocks = (
        Block(channels=32, stride=(1, 1)),
        Block(channels=64, stride=(2, 2)),
        Block(channels=64, stride=(1, 1)),
        Block(channels=128, stride=(2, 1)),
        Block(channels=128, stride=(1, 1)),
        Block(channels=128, stride=(1, 1)),
        Block(channels=256, stride=(2, 1)),
        Block(channels=256, stride=(1, 1)),
    )
    stage: Binarization = "both"
    binarizer: BinarizerName = "reactnet"
    clip: Annotated[float, Meta(gt=0, le=MANY)] = 1.5
    """The largest |x| at which the sign of activations has a gradient."""

    @property
    def is_float(self) -> bool:
        return self.stage == "float"

    @property
    def is_binary(self) -> bool:
        return self.stage == "both"


class MobileNetCRNN(Network, frozen=True, kw_only=True, tag="mobilenet_crnn"):
    """A CRNN with the float backbone of MobileNet (`bitocr.lab.nn.mobilenet`)."""

    blocks: Blocks = (
        Block(channels=64, stride=(1, 1)),
        Block(channels=128, stride=(2, 2)),
        Block(channels=128, stride=(1, 1)),
        Block(channels=256, stride=(2, 1)),
        Block(channels=256, stride=(1, 1)),
        Block(channels=256, stride=(1, 1)),
        Block(channels=512, stride=(2, 1)),
        Block(channels=256, stride=(1, 1)),
    )


AnyNetwork = BitCRNN | MobileNetCRNN


def convert_network(config: Mapping[str, Any], at: str = "network") -> AnyNetwork:
    """The network that a config describes, not yet checked as a whole (`Network.check`). Raises UsageError."""
    network: AnyNetwork = convert(config, AnyNetwork, at=at)  # type: ignore[arg-type]
    return network


def open_network(config: Network | Mapping[str, Any]) -> AnyNetwork:
    """The network that a config describes (perhaps already a `Network`), fully checked, with defaults for missing keys.

    Raises:
        UsageError: the architecture, a key or a value is unknown, or parts do not fit together.
    """
    network = config if isinstance(config, AnyNetwork) else convert_network(config)  # type: ignore[arg-type]
    network.check()
    return network
