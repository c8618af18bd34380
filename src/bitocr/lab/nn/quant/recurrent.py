"""The bidirectional LSTM of a quantized network, and dynamic ranges of activations."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from bitocr.lab.nn.quant.fake import FakeQuantize, WeightQuantizer

KINDS = ("ih", "hh")
SUFFIXES = ("", "_reverse")
MATRICES = tuple(f"weight_{kind}_l0{suffix}" for suffix in SUFFIXES for kind in KINDS)
"""The four matrices of a bidirectional layer, by torch's names."""


class DynamicQuantizer(nn.Module):
    """Quantizes to 8 bits by the range of each tensor, extended to include 0, as ONNX's DynamicQuantizeLinear does."""

    bits = 8

    def forward(self, x: Tensor) -> Tensor:
        low, high = x.detach().amin().clamp(max=0), x.detach().amax().clamp(min=0)
        scale = ((high - low) / 255).clamp(min=1e-12)
        zero_point = int((-low / scale).round())
        quantized: Tensor = FakeQuantize.apply(x, scale, -zero_point, 255 - zero_point)
        return quantized


class QuantLSTM(nn.LSTM):
    """A bidirectional LSTM layer with quantized weights, one scale per row: [N, T, C] -> [N, T, 2 H].

    Biases and arithmetic are float32.
    """

    def __init__(self, lstm: nn.LSTM, bits: int) -> None:
        super().__init__(lstm.input_size, lstm.hidden_size, bidirectional=True, batch_first=True)
        self.bits, rows = bits, 4 * lstm.hidden_size
        self.quantizers = nn.ModuleDict({name: WeightQuantizer(bits, rows) for name in MATRICES})

    def matrix(self, name: str) -> Tensor:
        """A matrix of `MATRICES` with its quantized values."""
        quantized: Tensor = self.quantizers[name](getattr(self, name))
        return quantized

    def codes(self, name: str) -> tuple[Tensor, Tensor]:
        """A matrix of `MATRICES` as (int8 in its shape, float32 scale [rows])."""
        quantizer, weight = self.quantizers[name], getattr(self, name).detach().float()
        assert isinstance(quantizer, WeightQuantizer)
        return quantizer.codes(weight), quantizer.scale(weight).detach()

    def forward(self, x: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        state = x.new_zeros(2, len(x), self.hidden_size)
        parameters = [
            self.matrix(name) if name in MATRICES else getattr(self, name) for name in self._flat_weights_names
        ]
        return torch._VF.lstm(x, (state, state), parameters, True, 1, 0.0, self.training, True, True)[0], None


class DynamicLSTM(QuantLSTM):
    """The same with 8-bit activations too: input and state, each with a new range in each step."""

    def __init__(self, lstm: nn.LSTM, bits: int) -> None:
        super().__init__(lstm, bits)
        self.input, self.state = DynamicQuantizer(), DynamicQuantizer()

    def forward(self, x: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        x = self.input(x)
        return torch.cat([self.run(x, ""), self.run(x.flip(1), "_reverse").flip(1)], 2), None

    def run(self, x: Tensor, suffix: str) -> Tensor:
        """One direction: quantized [N, T, C] -> [N, T, H]."""
        bias = getattr(self, f"bias_ih_l0{suffix}") + getattr(self, f"bias_hh_l0{suffix}")
        inputs = nn.functional.linear(x, self.matrix(f"weight_ih_l0{suffix}"), bias)
        weight = self.matrix(f"weight_hh_l0{suffix}").T
        state = cell = x.new_zeros(len(x), self.hidden_size)
        states = []
        for gates in inputs.unbind(1):
            i, f, g, o = (gates + self.state(state) @ weight).chunk(4, 1)
            cell = f.sigmoid() * cell + i.sigmoid() * g.tanh()
            state = o.sigmoid() * cell.tanh()
            states.append(state)
        return torch.stack(states, 1)
