"""Starts from weights of a smaller charset or of fewer blocks: head and backbone grow, but read as before at first.

A Chinese recipe trains `charset: chinese:2500` first, and the next one, with `charset: chinese`, starts from its
weights. English weights are a start too, since the Chinese charset begins with the English one: the blocks that both
have are kept. Where the charset grows, parts that differ start with new weights.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from bitocr.errors import BitocrWarning
from bitocr.lab.config.network import AnyNetwork, BitCRNN
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.extend import extend_head
from bitocr.lab.train.deepen import deepen, places_of
from bitocr.lab.train.weights import load_weights, network_of_weights, read_weights

_PARTS = {"blocks": (), "neck": ("neck.",), "head": ("bottleneck.", "head.")}
"""The parts of a network in order, each with the prefixes of its tensors' names."""


def load_start(path: Path, charset: str, network: AnyNetwork) -> CRNN:
    """Builds a network and loads the weights of a file, whose charset is `charset` or a prefix of it.

    With the same charset, blocks that the file lacks are added as identities (`deepen`). With a prefix, the head gets
    rows for the new characters (`extend_head`). If a part then differs from the file's, it starts with new weights, as
    do all parts after it; of the blocks, only those after the file's last one.

    Raises:
        ModelError: the weights are of another charset, or do not fit the network.
    """
    card = read_weights(path)[1]
    is_beginning = charset != card["charset"] and charset.startswith(card["charset"])
    if is_beginning:
        return _load_widened(path, charset, network, card["charset"])
    return _load_deepened(path, charset, network)


def _load_deepened(path: Path, charset: str, network: AnyNetwork) -> CRNN:
    """Loads weights of the same charset, perhaps of fewer blocks."""
    theirs = network_of_weights(path)
    places = _places(theirs, network)
    if places is None or not isinstance(network, BitCRNN):
        return load_weights(path, charset, network)[0]
    return deepen(load_weights(path, charset, network, blocks=theirs.blocks)[0], network, places)


def _load_widened(path: Path, charset: str, network: AnyNetwork, known: str) -> CRNN:
    """Loads weights of the charset `known`, a prefix of `charset`."""
    theirs = network_of_weights(path)
    parts = {part: getattr(theirs, part) for part in _PARTS}
    if network.blocks[: len(theirs.blocks)] != theirs.blocks:
        parts["blocks"] = network.blocks  # they do not fit, and loading says so
    net, _ = load_weights(path, known, network, **parts, classes=len(known) + 1)
    afresh = _differing(parts, network)
    if not afresh:
        extend_head(net, known, charset[len(known) :])
        return net
    told = f"{path}: not the same {', '.join(afresh)} as in the recipe: training them from new weights"
    warnings.warn(told, BitocrWarning, stacklevel=2)
    dropped = tuple(prefix for part in afresh for prefix in _PARTS[part])
    fresh = build(network)
    fresh.load_state_dict({n: t for n, t in net.state_dict().items() if not n.startswith(dropped)}, strict=False)
    return fresh


def _places(theirs: AnyNetwork, ours: AnyNetwork) -> list[int] | None:
    """The places of the file's blocks among ours, if ours only adds blocks that can be identities; else None."""
    can_grow = isinstance(ours, BitCRNN) and ours.binarizer == "reactnet" and theirs.blocks != ours.blocks
    return places_of(theirs.blocks, ours.blocks) if can_grow else None


def _differing(theirs: dict[str, Any], network: AnyNetwork) -> list[str]:
    """The first part that differs, and all parts after it."""
    parts = list(_PARTS)
    first = next((i for i, part in enumerate(parts) if theirs[part] != getattr(network, part)), len(parts))
    return parts[first:]
