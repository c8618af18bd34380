"""The source of an export: a checkpoint or a model.bit, as a network of ordinary operators."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bitocr.errors import UsageError
from bitocr.io import bitfile
from bitocr.lab.config.network import open_network
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.export.bit import bit_bytes
from bitocr.lab.export.mnn_compression import exact_bits
from bitocr.lab.nn.bit.unfold import network_of_header, unfold
from bitocr.lab.nn.crnn import CRNN, BiLSTM
from bitocr.lab.nn.quant.engine_numbers import row_codes
from bitocr.lab.nn.quant.fake import across
from bitocr.lab.nn.quant.spec import QuantizedLayer, float_copy, quantized_layers
from bitocr.lab.train.weights import load_weights


def load_network(path: str | Path) -> tuple[CRNN, dict[str, Any]]:
    """The network, in float32 and eval mode, and the card of a weights file or a model.bit.

    Raises:
        ModelError: the file is missing or damaged, or is neither of them.
    """
    if Path(path).suffix != ".bit":
        return load_weights(path)
    net, header = unfold(str(path))
    return net, {
        **bitfile.card_of(header),
        "charset": header["charset"],
        "network": network_of_header(header["network"]).plain(),
    }


@dataclass(frozen=True)
class Source:
    """A network to export.

    Attributes:
        path: the file that it comes from, for messages.
        net: the network as trained, in eval mode.
        card: the checkpoint's card.
        scheme: the quantization scheme: "static", "dynamic", "engine", or None if it is not quantized.
        binary: whether its convolutions have binary weights and activations.
    """

    path: Path
    net: CRNN
    card: dict[str, Any]
    scheme: str | None = field(init=False)
    binary: bool = field(init=False)

    def __post_init__(self) -> None:
        network = open_network(self.card["network"])
        object.__setattr__(self, "scheme", network.scheme)
        object.__setattr__(self, "binary", network.is_binary)

    def plain(self, deployed: bool = False) -> CRNN:
        """A network of float operators. If the checkpoint is quantized, its weights have their quantized values.

        `deployed` gives a binary network the values of model.bit: stem, LSTM and head in 8 bits.
        """
        if self.scheme in ("static", "dynamic"):
            return float_copy(self.net)
        if self.path.suffix != ".bit" and self.binary and (deployed or self.scheme == "engine"):
            return unfold(bit_bytes(self.path))[0]
        return self.net

    def packed(self) -> CRNN:
        """A network of float operators with the weights of a packed .mnn.

        The weights of a float network are rounded as for int8: 8 bits, a scale per row, folded batch norms.
        """
        network = open_network(self.card["network"])
        if self.scheme in ("static", "engine") or not network.is_float:
            return with_stored_lstm(self.plain(deployed=True))
        # It has no ranges, so activations are not quantized.
        net, _ = load_weights(self.path, quantize=Quantize(scheme="static"))
        copy = float_copy(net)
        if self.scheme == "dynamic":  # LSTM and head are quantized already, perhaps with learned scales
            own = self.plain()
            copy.neck, copy.bottleneck, copy.head = own.neck, own.bottleneck, own.head
        return copy

    def layers(self) -> list[QuantizedLayer]:
        """All quantized layers. Raises UsageError if there are none, except in the engine's format."""
        if self.scheme not in ("static", "dynamic"):
            hint = "bitocr quantize makes an int8 network of a float one"
            raise UsageError(f"{self.path}: its network has no layers in int8 to export ({hint})")
        return quantized_layers(self.net)


def with_stored_lstm(net: CRNN) -> CRNN:
    """The network with its LSTM as MNN stores it: in 8 bits if 4 bits are not exact.

    MNN's 4-bit scale is the largest weight of a row over 7, so 4 bits are not exact if a row's largest code is below 7.
    """
    if not isinstance(net.neck, BiLSTM) or max(exact_bits(w.detach().numpy()) for w in lstm_weights(net.neck)) < 8:
        return net
    net = deepcopy(net)
    assert isinstance(net.neck, BiLSTM)
    with torch.no_grad():
        for weight in lstm_weights(net.neck):
            codes, scale = row_codes(weight)
            weight.copy_(codes * across(scale, weight))
    return net


def lstm_weights(neck: BiLSTM) -> list[Tensor]:
    """The two matrices of each direction of the LSTM."""
    return [parameter for name, parameter in neck.lstm.named_parameters() if name.startswith("weight")]


def open_source(path: str | Path) -> Source:
    """The network of a weights file or a model.bit. Raises ModelError."""
    return Source(Path(path), *load_network(path))
