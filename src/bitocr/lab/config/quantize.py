"""How a network is quantized: the key "quantize" of its config. Without the key, or with null, a network is float.

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

from typing import ClassVar, Literal

from bitocr.lab.config.settings import Settings

Bits = Literal[4, 8]
Scheme = Literal["static", "dynamic", "engine"]
Ranges = Literal["learned", "average"]


class Quantize(Settings, frozen=True, omit_defaults=True):
    """The settings; `plain` holds those that differ from their defaults."""

    called: ClassVar[str] = "quantize"
    form: ClassVar[str] = "a mapping as in docs/quantization.md"

    scheme: Scheme | None = None
    """None: "engine" for a binary network, else "static"."""
    weights: Bits = 8
    """Bits of the weights of all convolutions but the stem."""
    edges: Bits = 8
    """Bits of the weights of stem and head, which suffer most from few."""
    lstm: Bits = 8
    """Bits of the LSTM's weights."""
    activations: Bits = 8
    ranges: Ranges = "learned"
    """Of activations: "learned" as it trains, or an "average" of those seen."""
