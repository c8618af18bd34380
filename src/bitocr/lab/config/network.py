"""The networks: the config that is saved with weights and, in the form of the file format, in model.bit.

    {"arch": "bit_crnn", "stem": 32, "blocks": [[32, [1, 1]], [64, [2, 2]], ...],
     "neck": {"type": "bilstm", "hidden": 96}, "stage": "both", "binarizer": "reactnet", "clip": 1.5, "classes": 96}

Two more keys are optional: "head" for a bottleneck, "quantize" for a quantized network. `open_network` makes a
`Network` of it, and `Network.plain` is the way back.
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
"""Channels, hidden units, classes."""

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
    """That the block puts out."""
    stride: tuple[Stride, Stride]


class Neck(Settings, frozen=True, omit_defaults=True):
    """What comes between backbone and head: {type: bilstm, hidden: 96}, or {type: none}."""

    called: ClassVar[str] = "a neck"

    type: Literal["bilstm", "none"]
    hidden: Annotated[int, Meta(ge=0, le=WIDEST, description=f"a whole number from 1 to {WIDEST}")] = 0
    """Units of each direction of the LSTM."""

    def __post_init__(self) -> None:
        if self.type == "bilstm" and not self.hidden:
            raise SettingsError(f"is a whole number from 1 to {WIDEST} for a bilstm", "hidden")


class Head(Settings, frozen=True):
    """What comes before the class scores.

    A matrix of 7,000 classes by 256 features would be most of a model's bytes and of its time. A bottleneck is a linear
    layer 256 -> 96 before it, without bias or nonlinearity: together they are one matrix of rank 96.
    """

    called: ClassVar[str] = "a head"

    bottleneck: Annotated[int, Meta(description="a whole number")]
    """Features that it leaves: a multiple of 8, as in model.bit, below those that come in."""


Blocks = Annotated[
    tuple[Block, ...],
    Meta(
        min_length=1,
        description="a list of [channels, [stride over height, over width]], "
        f"with 1 to {WIDEST} channels and strides of 1 or 2",
    ),
]


class Network(Settings, frozen=True, kw_only=True, tag_field="arch"):
    """What all networks have in common."""

    called: ClassVar[str] = "a network"

    stem: Channels = 32
    """Channels of the stem."""
    blocks: Blocks
    neck: Annotated[Neck, Meta(description="{type: bilstm, hidden: 96} or {type: none}")] = Neck(
        type="bilstm", hidden=96
    )
    classes: Channels = 96
    """Characters and the blank; a recipe's charset says it."""
    head: Annotated[Head | None, Meta(description="{bottleneck: 96} or left out")] = None
    """None: no bottleneck, as suits small charsets."""
    quantize: Quantize | None = None
    """None: a float network, or a binary one whose other layers are float."""

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
        """Features of a time step, before bottleneck and head."""
        return 2 * self.neck.hidden if self.neck.type == "bilstm" else self.blocks[-1].channels

    @property
    def columns_per_step(self) -> int:
        """Columns of the image for each step of the output: 2 or 4, the stem's stride included."""
        return 2 * prod(block.stride[1] for block in self.blocks)

    @property
    def quantization(self) -> Quantize | None:
        """How the network is quantized, with a scheme if none was given; None if it is a float network."""
        if self.quantize is None or self.quantize.scheme is not None:
            return self.quantize
        return self.quantize.replace(scheme="engine" if self.is_binary else "static")

    @property
    def scheme(self) -> Scheme | None:
        """The scheme of its quantization; None if there is none."""
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
        """The config with every key, except head and quantize if there are none."""
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
    """Where the gradient of the activations' sign ends."""

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
    """The network that a config describes, fully checked, with defaults for what it leaves out. It may be a `Network`.

    Raises:
        UsageError: an unknown architecture, key or value, or parts that do not go together.
    """
    network = config if isinstance(config, AnyNetwork) else convert_network(config)  # type: ignore[arg-type]
    network.check()
    return network
