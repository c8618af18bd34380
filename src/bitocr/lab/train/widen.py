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
from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.extend import extend_head
from bitocr.lab.train.deepen import deepen, places_of
from bitocr.lab.train.weights import load_weights, read_weights

_PARTS = {"blocks": (), "neck": ("neck.",), "head": ("bottleneck.", "head.")}
"""Keys of a network's config in the order of the network, and how names of tensors begin that are all a part's own."""


def load_start(path: Path, charset: str, config: dict[str, Any]) -> CRNN:
    """The network of a config with the weights of a file, whose charset is the recipe's or a beginning of it.

    In the former case, blocks that the config has more of are put in as the identity (`deepen`). In the latter the head
    gets rows for the characters that it lacks (`extend_head`). Where a part is then built otherwise in the file, it and
    all that comes after it start afresh; of the blocks, those after the file's last.

    Raises:
        ModelError: the weights are of another charset, or do not fit the network.
    """
    card = read_weights(path)[1]
    is_beginning = charset != card["charset"] and charset.startswith(card["charset"])
    if is_beginning:
        return _load_widened(path, charset, config, card)
    return _load_deepened(path, charset, config, card)


def _load_deepened(path: Path, charset: str, config: dict[str, Any], card: dict[str, Any]) -> CRNN:
    """The network of weights of the same charset, perhaps of fewer blocks."""
    places = _places(card["network"], config)
    if places is None:
        return load_weights(path, charset, **config)[0]
    shallower = {**config, "blocks": card["network"]["blocks"]}
    return deepen(load_weights(path, charset, **shallower)[0], config, places)


def _load_widened(path: Path, charset: str, config: dict[str, Any], card: dict[str, Any]) -> CRNN:
    """The network of weights of a beginning of the charset."""
    known = card["charset"]
    theirs = {key: card["network"].get(key, {}) for key in _PARTS}
    if config["blocks"][: len(theirs["blocks"])] != theirs["blocks"]:
        theirs["blocks"] = config["blocks"]  # which loading will find not to fit, and say so
    net, _ = load_weights(path, known, **{**config, **theirs, "classes": len(known) + 1})
    afresh = _differing(theirs, config)
    if not afresh:
        extend_head(net, known, charset[len(known) :])
        return net
    told = f"{path}: {', '.join(afresh)} built otherwise: they start afresh"
    warnings.warn(told, BitocrWarning, stacklevel=2)
    dropped = tuple(prefix for key in afresh for prefix in _PARTS[key])
    fresh = build(config)
    fresh.load_state_dict({n: t for n, t in net.state_dict().items() if not n.startswith(dropped)}, strict=False)
    return fresh


def _places(theirs: dict[str, Any], config: dict[str, Any]) -> list[int] | None:
    """Where the file's blocks stand among the config's, if that has more which can be put in as the identity."""
    blocks = theirs.get("blocks", [])
    can_grow = config["arch"] == "bit_crnn" and config["binarizer"] == "reactnet" and blocks != config["blocks"]
    return places_of(blocks, config["blocks"]) if can_grow else None


def _differing(theirs: dict[str, Any], config: dict[str, Any]) -> list[str]:
    """The first part of another shape and all that come after it."""
    parts = list(_PARTS)
    first = next((i for i, key in enumerate(parts) if theirs[key] != config.get(key, {})), len(parts))
    return parts[first:]
