"""Starting from weights of a smaller charset or of fewer blocks: head and backbone grow and read as before at first.

What is built otherwise starts afresh where the charset grows.

A recipe for Chinese trains `charset: chinese:2500` first; the next one, of `charset: chinese`, starts from its weights.
English's weights are a start too, for its charset is the beginning of chinese's: the blocks that both have are kept.
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
"""Parts of a network in their order, and how names of tensors begin that are all a part's own."""


def load_start(path: Path, charset: str, network: AnyNetwork) -> CRNN:
    """A network with the weights of a file, whose charset is `charset` or a beginning of it.

    In the former case, blocks that the network has more of are put in as the identity (`deepen`). In the latter the
    head gets rows for the characters that it lacks (`extend_head`). Where a part is then built otherwise in the file,
    it and all that comes after it start afresh; of the blocks, those after the file's last.

    Raises:
        ModelError: the weights are of another charset, or do not fit the network.
    """
    card = read_weights(path)[1]
    is_beginning = charset != card["charset"] and charset.startswith(card["charset"])
    if is_beginning:
        return _load_widened(path, charset, network, card["charset"])
    return _load_deepened(path, charset, network)


def _load_deepened(path: Path, charset: str, network: AnyNetwork) -> CRNN:
    """The network with weights of the same charset, perhaps of fewer blocks."""
    theirs = network_of_weights(path)
    places = _places(theirs, network)
    if places is None or not isinstance(network, BitCRNN):
        return load_weights(path, charset, network)[0]
    return deepen(load_weights(path, charset, network, blocks=theirs.blocks)[0], network, places)


def _load_widened(path: Path, charset: str, network: AnyNetwork, known: str) -> CRNN:
    """The network with weights of `known`, a beginning of the charset."""
    theirs = network_of_weights(path)
    parts = {part: getattr(theirs, part) for part in _PARTS}
    if network.blocks[: len(theirs.blocks)] != theirs.blocks:
        parts["blocks"] = network.blocks  # which loading will find not to fit, and say so
    net, _ = load_weights(path, known, network, **parts, classes=len(known) + 1)
    afresh = _differing(parts, network)
    if not afresh:
        extend_head(net, known, charset[len(known) :])
        return net
    told = f"{path}: {', '.join(afresh)} built otherwise: they start afresh"
    warnings.warn(told, BitocrWarning, stacklevel=2)
    dropped = tuple(prefix for part in afresh for prefix in _PARTS[part])
    fresh = build(network)
    fresh.load_state_dict({n: t for n, t in net.state_dict().items() if not n.startswith(dropped)}, strict=False)
    return fresh


def _places(theirs: AnyNetwork, ours: AnyNetwork) -> list[int] | None:
    """Where the file's blocks stand among ours, if there are more which can be put in as the identity."""
    can_grow = isinstance(ours, BitCRNN) and ours.binarizer == "reactnet" and theirs.blocks != ours.blocks
    return places_of(theirs.blocks, ours.blocks) if can_grow else None


def _differing(theirs: dict[str, Any], network: AnyNetwork) -> list[str]:
    """The first part of another shape and all that come after it."""
    parts = list(_PARTS)
    first = next((i for i, part in enumerate(parts) if theirs[part] != getattr(network, part)), len(parts))
    return parts[first:]
