"""The key "quantize" of a network's config: how it is quantized. Without the key, or with null, a network is float.

    {"arch": "mobilenet_crnn", ..., "quantize": {"scheme": "static", "weights": 8, "edges": 8, "lstm": 8,
                                                 "activations": 8, "ranges": "learned"}}

* ``static``: convolutions with their batch norms folded, weights and activations in codes, activations by ranges that
  are calibrated once; LSTM and head with quantized weights, the head's input in codes too.
* ``dynamic``: LSTM and head only, their activations by the range that each tensor has; nothing to calibrate.
* ``engine``: the binary network's stem, LSTM and head exactly as the C engine computes them, and in eval mode the
  binary blocks too: 8-bit weights, of the LSTM perhaps 4, 16-bit activations with a scale for each step in time; no
  images are needed to calibrate it.
"""

from __future__ import annotations

from typing import Any

from bitocr.errors import UsageError

SCHEMES = ("static", "dynamic", "engine")

DEFAULTS: dict[str, Any] = {
    "scheme": "static",  # or "dynamic"; a fully binary network has "engine"
    "weights": 8,  # bits of the weights of all convolutions but the stem
    "edges": 8,  # bits of the weights of stem and head, which suffer most from few
    "lstm": 8,  # bits of the LSTM's weights
    "activations": 8,  # bits
    "ranges": "learned",  # of activations as it trains; or "average"
}

CHOICES: dict[str, tuple[Any, ...]] = {
    "scheme": SCHEMES,
    "weights": (4, 8),
    "edges": (4, 8),
    "lstm": (4, 8),
    "activations": (4, 8),
    "ranges": ("learned", "average"),
}


def complete_quantize(given: Any, network: dict[str, Any]) -> dict[str, Any] | None:
    """The settings with their defaults, or None where `given` is none.

    Args:
        given: the value of "quantize"; an empty mapping takes all defaults.
        network: the rest of the config, complete.

    Raises:
        UsageError: an unknown key or value, or a scheme that is not for this network.
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        raise UsageError(f"network.quantize is a mapping with some of {', '.join(DEFAULTS)}, not {given!r}")
    unknown = sorted(str(key) for key in set(given) - set(DEFAULTS))
    if unknown:
        raise UsageError(f"unknown quantize key {unknown[0]!r}: it has {', '.join(DEFAULTS)}")
    is_binary = network.get("stage") == "both"
    settings = {**DEFAULTS, **({"scheme": "engine"} if is_binary else {}), **given}
    for key, choices in CHOICES.items():
        if type(settings[key]) not in (int, str) or settings[key] not in choices:
            raise UsageError(f"quantize.{key} is one of {', '.join(map(str, choices))}, not {settings[key]!r}")
    check_scheme(settings, network, is_binary)
    return settings


def check_scheme(settings: dict[str, Any], network: dict[str, Any], is_binary: bool) -> None:
    """The scheme is one for this network. Raises UsageError."""
    if network.get("stage") == "activations":
        raise UsageError("a network of stage activations is on its way to a binary one: quantize that")
    if is_binary != (settings["scheme"] == "engine"):
        fitting = "engine" if is_binary else "static or dynamic"
        kind = "binary" if is_binary else "float"
        raise UsageError(f"quantize.scheme is {fitting} for a {kind} network, not {settings['scheme']}")
    if is_binary and any(settings[key] != DEFAULTS[key] for key in ("weights", "edges", "activations")):
        raise UsageError("the engine's stem and head have 8 bits: quantize.weights, edges and activations stay")
