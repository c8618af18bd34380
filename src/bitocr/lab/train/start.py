"""What a finetuning starts from: a model.bit or a weights file, made trainable, with the characters that are added."""

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
"""Batches by which the batch statistics of a model.bit are measured."""


@dataclass(frozen=True)
class Start:
    """A network to go on from: its charset, what it is built from, and its card.

    `quantize` is how it is to be trained, which `net` and `network` are not, `ranges` are the
    tensors that only this part has, where they are known; `measured`: it has batch statistics.
    """

    net: CRNN
    characters: str
    network: AnyNetwork
    quantize: Quantize | None
    ranges: dict[str, Tensor]
    card: dict[str, Any]
    measured: bool


def open_start(start: str) -> Start:
    """A shipped model by its name, a .bit file or a weights file (.safetensors) by its path.

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
        raise UsageError(f"{start}: not a binary network: finetune starts from a model.bit or weights of stage both")
    ranges = {name: tensor for name, tensor in read_weights(start)[0].items() if name.endswith(RANGES)}
    return Start(net, card["charset"], network.replace(quantize=None), network.quantize, ranges, card, True)


def write_start(path: Path, start: Start, recipe: Recipe) -> None:
    """Writes the weights that the recipe starts from, with its charset, which begins with that of `start`.

    Where the batch norms have no statistics, which a model.bit does not hold, they are measured on the recipe's data.
    """
    net = start.net
    if not start.measured:
        measure_statistics(net, first_images(recipe, MEASURED))
    extend_head(net, start.characters, recipe.charset[len(start.characters) :])
    network = start.network.replace(classes=len(recipe.charset) + 1)
    card = {"name": start.card.get("name", "model"), "network": network.plain(), "charset": recipe.charset}
    save_weights(path, net, card)
    if start.quantize:  # the scales of weights of few bits are found at once: the start reads what the model does
        net, _ = load_weights(path, quantize=start.quantize)
        calibrate_weights(net)
        net.load_state_dict(start.ranges, strict=False)
        save_weights(path, net, {**card, "network": network.replace(quantize=start.quantize).plain()})
