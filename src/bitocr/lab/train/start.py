"""The start of a finetuning: a model.bit or a weights file, made trainable, with a row for each new character."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from bitocr.errors import UsageError
from bitocr.io import bitfile, shipped
from bitocr.lab.config.network import AnyNetwork, open_network
from bitocr.lab.config.quantize import Quantize
from bitocr.lab.config.recipe import Recipe
from bitocr.lab.nn.bit.unfold import measure_statistics, network_of_header, unfold
from bitocr.lab.nn.crnn import CRNN
from bitocr.lab.nn.extend import extend_head
from bitocr.lab.nn.quant.ranges import calibrate_weights
from bitocr.lab.train.run import first_images
from bitocr.lab.train.weights import RANGES, load_weights, read_weights, save_weights

MEASURED = 12
"""How many batches measure the batch norm statistics of a model.bit."""


@dataclass(frozen=True)
class Start:
    """A network to continue from.

    Attributes:
        net: the network, not quantized.
        characters: its charset.
        network: its config, not quantized.
        quantize: how to quantize it for training; None: not at all.
        ranges: the tensors of a quantized network that `net` lacks; empty if unknown.
        card: its model card.
        measured: whether it has batch norm statistics.
    """

    net: CRNN
    characters: str
    network: AnyNetwork
    quantize: Quantize | None
    ranges: dict[str, Tensor]
    card: dict[str, Any]
    measured: bool


def open_start(start: str) -> Start:
    """Opens a shipped model (by name), or a .bit or weights file (.safetensors, by path).

    Raises:
        ModelError: there is no such file, or it is damaged.
        UsageError: its network is not fully binary.
    """
    if not start.endswith(".safetensors"):
        net, header = unfold(shipped.find(start))
        network = network_of_header(header["network"])
        is_4_bit = any(t["name"].startswith("lstm.") and t["dtype"] == "i4" for t in header["tensors"])
        quantize = Quantize(lstm=4) if is_4_bit else None
        return Start(net, header["charset"], network, quantize, {}, bitfile.card_of(header), False)
    net, card = load_weights(start, quantize=None)
    network = open_network(card["network"])
    if not network.is_binary:
        raise UsageError(f"{start}: not a binary network: start from a model.bit, or from weights of the stage 'both'")
    ranges = {name: tensor for name, tensor in read_weights(start)[0].items() if name.endswith(RANGES)}
    return Start(net, card["charset"], network.replace(quantize=None), network.quantize, ranges, card, True)


def write_start(path: Path, start: Start, recipe: Recipe) -> None:
    """Writes the weights that a recipe starts from. The recipe's charset must begin with that of `start`.

    A model.bit holds no batch norm statistics. They are then measured on the recipe's data.
    """
    net = start.net
    if not start.measured:
        measure_statistics(net, first_images(recipe, MEASURED))
    extend_head(net, start.characters, recipe.charset[len(start.characters) :])
    network = start.network.replace(classes=len(recipe.charset) + 1)
    card = {"name": start.card.get("name", "model"), "network": network.plain(), "charset": recipe.charset}
    save_weights(path, net, card)
    if start.quantize:  # find the scales of low-bit weights now, so that the start reads as the model does
        net, _ = load_weights(path, quantize=start.quantize)
        calibrate_weights(net)
        net.load_state_dict(start.ranges, strict=False)
        save_weights(path, net, {**card, "network": network.replace(quantize=start.quantize).plain()})
