"""Quantization settings: the key "quantize" of a network's config. Without the key, or with null, a network is float.

    {"arch": "mobilenet_crnn", ..., "quantize": {"scheme": "static", "weights": 8, "edges": 8, "lstm": 8,
                                                 "activations": 8, "ranges": "learned"}}

* ``static``: convolutions with folded batch norms and quantized weights and activations, whose ranges are calibrated
  once; LSTM and head with quantized weights; the head's input is quantized too.
* ``dynamic``: only LSTM and head, with a new range for each tensor of activations; needs no calibration.
* ``engine``: for a binary network: stem, LSTM and head exactly as the C engine computes them, and in eval mode the
  binary blocks too. Weights have 8 bits (4 in the LSTM if you choose), activations 16 bits and a scale for each time
  step; needs no calibration images.
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
    """The scheme; None: "engine" for a binary network, else "static"."""
    weights: Bits = 8
    """Bits of the weights of all convolutions except the stem."""
    edges: Bits = 8
    """Bits of the weights of stem and head, which suffer most from low precision."""
    lstm: Bits = 8
    """Bits of the LSTM's weights."""
    activations: Bits = 8
    ranges: Ranges = "learned"
    """How training finds the ranges of activations: "learned", or a moving "average" of the batches'."""
