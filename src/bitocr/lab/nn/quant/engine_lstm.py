"""The engine's bidirectional LSTM: by torch's functions in training, bit for bit in eval mode (see `engine`)."""

from __future__ import annotations

import torch
from torch import Tensor

from bitocr.lab.nn.quant.engine_numbers import activation_limit, exact_product, step_codes
from bitocr.lab.nn.quant.recurrent import KINDS, SUFFIXES, QuantLSTM

POLYNOMIAL = (1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)


def exponential(x: Tensor) -> Tensor:
    """e^x by the operations of engine/src/kernels/elementwise.h, which explains them."""
    x = x.clamp(-87, 87)
    n = (x * 1.44269504).round()
    r = x - n * 0.693359375
    r = r - n * -2.12194440e-4
    p = torch.full_like(r, 1.9875691500e-4)
    for coefficient in POLYNOMIAL:
        p = p * r + coefficient
    p = p * (r * r) + r + 1.0
    return p * ((n.int() + 127) << 23).view(torch.float32)


def sigmoid(x: Tensor) -> Tensor:
    """1 / (1 + e^-x), rounded like the engine's division. torch multiplies by 1 / y, which is exact for 1 and 2."""
    return 1.0 / (1.0 + exponential(-x))


def tanh(x: Tensor) -> Tensor:
    return 1.0 - 2.0 / (1.0 + exponential(2.0 * x))


def engine_direction(
    x: Tensor, weights: tuple[Tensor, Tensor], scales: tuple[Tensor, Tensor], bias: Tensor, backward: bool
) -> Tensor:
    """One direction of the engine's LSTM, bit for bit: float32 [N, T, C] -> [N, T, H].

    Args:
        weights: int8 [4 H, C] for the inputs and [4 H, H] for the state.
        scales: float32 [4 H] for each of them.
        bias: float32 [4 H].
    """
    hidden = weights[1].shape[1]
    limit = activation_limit(hidden)
    codes, steps = step_codes(x, activation_limit(x.shape[2]))
    inputs = exact_product(codes, weights[0]) * (scales[0] * steps) + bias
    state_scale = scales[1] * (torch.ones(()) / limit).to(x.device)
    state, cell = x.new_zeros(2, len(x), hidden).unbind(0)
    order = range(x.shape[1])
    states = [state] * x.shape[1]
    for t in reversed(order) if backward else order:
        gates = inputs[:, t] + exact_product((state.clamp(-1, 1) * limit).round(), weights[1]) * state_scale
        i, f, g, o = gates.chunk(4, 1)
        cell = sigmoid(f) * cell + sigmoid(i) * tanh(g)
        state = sigmoid(o) * tanh(cell)
        states[t] = state
    return torch.stack(states, 1)


class EngineLSTM(QuantLSTM):
    """The engine's LSTM with weights of 8 or 4 bits: [N, T, C] -> ([N, T, 2 H], None).

    In training, inputs and states stay floats: the engine's 15 bits have steps too small to matter to gradients.
    """

    def forward(self, x: Tensor) -> tuple[Tensor, None]:  # type: ignore[override]
        return super().forward(x) if self.training else (self.run_both(x), None)

    def parts(self, kind: str) -> list[Tensor]:
        """The parameter `kind` ("bias_ih" or "bias_hh") of both directions, forward first."""
        return [getattr(self, f"{kind}_l0{suffix}") for suffix in SUFFIXES]

    def run_both(self, x: Tensor) -> Tensor:
        """Both directions as the engine runs them."""
        outputs = []
        biases = zip(self.parts("bias_ih"), self.parts("bias_hh"), strict=True)
        for suffix, bias in zip(SUFFIXES, biases, strict=True):
            (weight_ih, scale_ih), (weight_hh, scale_hh) = [self.codes(f"weight_{kind}_l0{suffix}") for kind in KINDS]
            pair = (weight_ih, weight_hh), (scale_ih, scale_hh)
            outputs.append(engine_direction(x, *pair, bias[0] + bias[1], backward=bool(suffix)))
        return torch.cat(outputs, 2)
