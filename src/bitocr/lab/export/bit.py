"""Writing model.bit from a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.errors import ModelError, UsageError
from bitocr.io import bitfile
from bitocr.io.files import write_atomic
from bitocr.lab.config.network import open_network
from bitocr.lab.nn.bit.fold import fold, network_header
from bitocr.lab.nn.bit.fold_detector import detector_header, fold_detector
from bitocr.lab.train.pages.nets import load_detector
from bitocr.lab.train.weights import load_weights, read_weights
from bitocr.native.engine import Engine

#: What a checkpoint's card tells of its training.
TRAINED_KEYS = ("recipe", "stage", "images", "code")


def export_bit(checkpoint: str | Path, out: str | Path, card: dict[str, Any] | None = None) -> None:
    """Converts a weights file of a fully binary network to model.bit, replaced in one step; arguments: `bit_bytes`."""
    write_atomic(out, bit_bytes(checkpoint, card))


def bit_bytes(checkpoint: str | Path, card: dict[str, Any] | None = None) -> bytes:
    """The bytes of the model.bit that a weights file makes.

    Args:
        checkpoint: a weights.safetensors of `bitocr train`.
        card: what is to be added to the model's card: languages, licence, accuracy as measured, data with licences.
            Its languages become the header's too, which say how the model is read by default (docs/model-format.md).

    Raises:
        ModelError: the checkpoint cannot be read, or the engine refuses what it holds.
        UsageError: its network is not one that the engine runs, or the card is none that a model can hold.
    """
    if is_detector(checkpoint):
        return detector_bytes(checkpoint, card)
    net, trained = load_weights(checkpoint)
    network = open_network(trained["network"])
    bits = network.quantize.lstm if network.quantize else 8
    tensors = {name: stored(name, array, bits) for name, array in fold(net).items()}
    header = {
        "network": network_header(network),
        "charset": trained["charset"],
        **{key: value for key, value in (card or {}).items() if key == "languages"},
        "card": whole_card(trained, card),
    }
    return checked(checkpoint, dumped(checkpoint, header, tensors))


def is_detector(checkpoint: str | Path) -> bool:
    """Whether a weights file is a detector's. Raises ModelError if it is no weights file."""
    network = read_weights(checkpoint)[1].get("network")
    return isinstance(network, dict) and network.get("arch") == "bit_det"


def detector_bytes(checkpoint: str | Path, card: dict[str, Any] | None = None) -> bytes:
    """The bytes of the page.bit that a detector's weights file makes; the rest as `bit_bytes`."""
    net, trained = load_detector(checkpoint)
    tensors = {name: stored(name, array, 8) for name, array in fold_detector(net).items()}
    header = {"network": detector_header(net.config), "card": whole_card(trained, card)}
    return dumped(checkpoint, header, tensors)


def whole_card(trained: dict[str, Any], card: dict[str, Any] | None) -> dict[str, Any]:
    """A model's card: what its checkpoint's tells, and what is added to it."""
    about = {
        "name": trained.get("name", "model"),
        "data": trained.get("data", []),
        "trained": {key: trained[key] for key in TRAINED_KEYS if key in trained},
    }
    return {**about, **(card or {})}


def stored(name: str, array: NDArray[Any], bits: int) -> NDArray[Any] | bitfile.Tensor:
    """A folded tensor as the file holds it; `bits` are those of the LSTM's weights."""
    if array.dtype == bool:
        return bitfile.signs(0.5 - array.astype("f4"))  # -1 where the bit is set
    return bitfile.nibbles(array) if bits == 4 and name.startswith("lstm.") and array.dtype == np.int8 else array


def dumped(checkpoint: str | Path, header: dict[str, Any], tensors: dict[str, Any]) -> bytes:
    """A file's bytes. Raises UsageError for a card that it cannot hold."""
    try:
        return bitfile.dump(header, tensors)
    except (TypeError, ValueError, RecursionError) as error:
        what = "a card holds texts, finite numbers, lists and mappings; put dates in quotes"
        raise UsageError(f"{checkpoint}: cannot be exported with this card: {error} ({what})") from None


def checked(checkpoint: str | Path, data: bytes) -> bytes:
    """A model's bytes, which the engine has loaded once: what it would refuse is not to be written."""
    try:
        Engine(data)
    except ModelError as error:
        raise ModelError(f"{checkpoint}: the engine refuses this network: {error}") from None
    return data
