"""Writes model.bit from a checkpoint."""

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

#: The keys of a checkpoint's card that describe its training.
TRAINED_KEYS = ("recipe", "stage", "images", "code")


def export_bit(checkpoint: str | Path, out: str | Path, card: dict[str, Any] | None = None) -> None:
    """Writes a fully binary network as model.bit, completely or not at all. Arguments as in `bit_bytes`."""
    write_atomic(out, bit_bytes(checkpoint, card))


def bit_bytes(checkpoint: str | Path, card: dict[str, Any] | None = None) -> bytes:
    """The bytes of model.bit for a weights file.

    Args:
        checkpoint: a weights.safetensors of `bitocr train`.
        card: entries to add to the model's card: languages, licence, measured accuracy, data with licences. Languages
            also go into the header, where they choose the model's default options (docs/model-format.md).

    Raises:
        ModelError: the checkpoint cannot be read, or the engine refuses its network.
        UsageError: the engine does not run such a network, or a model cannot hold the card.
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
    """Whether a weights file holds a detector. Raises ModelError if it is not a weights file."""
    network = read_weights(checkpoint)[1].get("network")
    return isinstance(network, dict) and network.get("arch") == "bit_det"


def detector_bytes(checkpoint: str | Path, card: dict[str, Any] | None = None) -> bytes:
    """The bytes of page.bit for a detector's weights file; otherwise like `bit_bytes`."""
    net, trained = load_detector(checkpoint)
    tensors = {name: stored(name, array, 8) for name, array in fold_detector(net).items()}
    header = {"network": detector_header(net.config), "card": whole_card(trained, card)}
    return dumped(checkpoint, header, tensors)


def whole_card(trained: dict[str, Any], card: dict[str, Any] | None) -> dict[str, Any]:
    """A model's card: the checkpoint's card with additions."""
    about = {
        "name": trained.get("name", "model"),
        "data": trained.get("data", []),
        "trained": {key: trained[key] for key in TRAINED_KEYS if key in trained},
    }
    return {**about, **(card or {})}


def stored(name: str, array: NDArray[Any], bits: int) -> NDArray[Any] | bitfile.Tensor:
    """A folded tensor as the file stores it. `bits` is the precision of the LSTM's weights."""
    if array.dtype == bool:
        return bitfile.signs(0.5 - array.astype("f4"))  # -1 where the bit is set
    return bitfile.nibbles(array) if bits == 4 and name.startswith("lstm.") and array.dtype == np.int8 else array


def dumped(checkpoint: str | Path, header: dict[str, Any], tensors: dict[str, Any]) -> bytes:
    """The bytes of a file. Raises UsageError if it cannot hold the card."""
    try:
        return bitfile.dump(header, tensors)
    except (TypeError, ValueError, RecursionError) as error:
        what = "a card holds texts, finite numbers, lists and mappings; put dates in quotes"
        raise UsageError(f"{checkpoint}: cannot be exported with this card: {error} ({what})") from None


def checked(checkpoint: str | Path, data: bytes) -> bytes:
    """The bytes of a model, once the engine has loaded them, so that no file is written that it would refuse."""
    try:
        Engine(data)
    except ModelError as error:
        raise ModelError(f"{checkpoint}: the engine refuses this network: {error}") from None
    return data
