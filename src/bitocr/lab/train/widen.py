"""Starting from weights of a smaller charset: the head is widened, and parts of another shape start afresh.

A recipe for Chinese trains `charset: chinese:2500` first; the next one, of `charset: chinese`, starts from its weights.
English's weights are a start too, for its charset is the beginning of chinese's: its backbone is kept.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bitocr.lab.nn.crnn import CRNN, build
from bitocr.lab.nn.extend import extend_head
from bitocr.lab.train.weights import load_weights, read_weights

_PARTS = {"neck": ("neck.",), "head": ("bottleneck.", "head.")}
"""Keys of a network's config, and how the names of the tensors that they shape begin."""


def load_start(path: Path, charset: str, config: dict[str, Any]) -> CRNN:
    """The network of a config with the weights of a file, whose charset is the recipe's or a beginning of it.

    In the latter case the head gets rows for the characters that it lacks (`extend_head`); where the file's neck or
    head is built otherwise, the network's own starts afresh.

    Raises:
        ModelError: the weights are of another charset, or do not fit the network.
    """
    card = read_weights(path)[1]
    known = card["charset"]
    if known == charset or not charset.startswith(known):
        return load_weights(path, charset, **config)[0]
    theirs = {key: card["network"].get(key, {}) for key in _PARTS}
    net, _ = load_weights(path, known, **{**config, **theirs, "classes": len(known) + 1})
    afresh = [key for key in _PARTS if theirs[key] != config.get(key, {})]
    if not afresh:
        extend_head(net, known, charset[len(known) :])
        return net
    print(f"{path}: {' and '.join(dict.fromkeys([*afresh, 'head']))} of another shape start afresh")
    dropped = tuple(prefix for key in {*afresh, "head"} for prefix in _PARTS[key])
    fresh = build(config)
    fresh.load_state_dict({n: t for n, t in net.state_dict().items() if not n.startswith(dropped)}, strict=False)
    return fresh
