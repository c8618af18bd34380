"""The key "head" of a network's config: what comes before the class scores.

    {"arch": "bit_crnn", ..., "head": {"bottleneck": 96}, "classes": 7000}

A matrix of 7,000 classes by 256 features would be most of a model's bytes and of its time. A bottleneck is a linear
layer 256 -> 96 before it, without bias or nonlinearity: together they are one matrix of rank 96. Without the key there
is none, as suits small charsets.
"""

from __future__ import annotations

from typing import Any

from bitocr.errors import UsageError


def complete_head(given: Any, inputs: int) -> dict[str, int] | None:
    """The checked value of "head", or None where it asks for no bottleneck.

    Args:
        given: the key's value: None, an empty mapping or {"bottleneck": n}.
        inputs: how many features come in; a bottleneck is a multiple of 8 below them, as in model.bit.

    Raises:
        UsageError: anything else.
    """
    if given is None or given == {}:
        return None
    if not isinstance(given, dict) or set(given) != {"bottleneck"}:
        raise UsageError(f"network.head is {{bottleneck: 96}} or left out, not {given!r}")
    size = given["bottleneck"]
    if type(size) is not int or size % 8 or not 8 <= size < inputs:
        raise UsageError(f"network.head.bottleneck is a multiple of 8 below the {inputs} that come in, not {size!r}")
    return {"bottleneck": size}
