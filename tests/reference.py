"""bit_crnn in plain numpy, in float32 and in the engine's order: the reference for every kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]


def conv_dot(bits: NDArray[Any], weights: NDArray[Any], stride: tuple[int, int]) -> NDArray[np.int64]:
    """bits [h, w, cin] (1 is -1), weights [cout, k, k, cin] of +1 and -1 -> sums [oh, ow, cout]; padded with +1."""
    size, pad = weights.shape[1], weights.shape[1] // 2
    signs = np.pad(1 - 2 * bits.astype(np.int64), ((pad, pad), (pad, pad), (0, 0)), constant_values=1)
    windows = np.lib.stride_tricks.sliding_window_view(signs, (size, size), (0, 1))[:: stride[0], :: stride[1]]
    return np.einsum("hwcyx,oyxc->hwo", windows, weights.astype(np.int64), optimize=True)


def epilogue(dot: NDArray[Any], scale: Float, bias: Float, shortcut: Float, slope: Float, shift: Float) -> Float:
    """Scale, bias, shortcut (its channels repeated), RPReLU."""
    z = dot.astype(np.float32) * scale + bias
    z = z + shortcut[..., np.arange(z.shape[-1]) % shortcut.shape[-1]]
    z = np.where(z >= 0, z, z * slope)
    return z + shift


def average_pool(x: Float, stride: tuple[int, int]) -> Float:
    """The mean over each window of the stride; an odd last row or column counts twice."""
    if stride == (1, 1):
        return x
    x = np.pad(x, ((0, x.shape[0] % stride[0]), (0, x.shape[1] % stride[1]), (0, 0)), "edge")
    if stride == (2, 2):
        return ((x[::2, ::2] + x[::2, 1::2]) + (x[1::2, ::2] + x[1::2, 1::2])) * np.float32(0.25)
    halves = (x[::2], x[1::2]) if stride[0] == 2 else (x[:, ::2], x[:, 1::2])
    return (halves[0] + halves[1]) * np.float32(0.5)


def stem(q: NDArray[np.int8], weights: NDArray[np.int8], scale: Float, bias: Float) -> Float:
    padded = np.pad(q.astype(np.int64), 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))[::2, ::2]
    return np.einsum("hwyx,oyx->hwo", windows, weights.astype(np.int64)).astype(np.float32) * scale + bias


def backbone(header: dict[str, Any], tensors: dict[str, Any], q: NDArray[np.int8]) -> Float:
    """q int8 [32, w] -> features float32 [T, channels], bit for bit."""

    def floats(prefix: str, *names: str) -> list[Float]:
        return [tensors[f"{prefix}.{name}"].astype(np.float32) for name in names]

    x = stem(q, tensors["stem.weight"], *floats("stem", "scale", "bias"))
    for n, block in enumerate(header["network"]["blocks"]):
        name, stride = f"blocks.{n}", tuple(block["stride"])
        scale, bias, slope, shift, beta = floats(name, "scale1", "bias1", "slope1", "shift1", "beta1")
        dot = conv_dot(x + beta < 0, tensors[f"{name}.conv1.weight"].values(), stride)
        y = epilogue(dot, scale, bias, average_pool(x, stride), slope, shift)
        scale, bias, slope, shift, beta = floats(name, "scale2", "bias2", "slope2", "shift2", "beta2")
        dot = conv_dot(y + beta < 0, tensors[f"{name}.conv2.weight"].values(), (1, 1))
        x = epilogue(dot, scale, bias, y, slope, shift)
    total = x[0]
    for row in x[1:]:
        total = total + row
    return total * (np.float32(1) / np.float32(len(x)))


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-x))


def lstm(x: NDArray[Any], weight_ih: NDArray[Any], weight_hh: NDArray[Any], bias: NDArray[Any]) -> NDArray[np.float64]:
    """One direction in float64; x [T, inputs], weights [4H, inputs | H] with their scales, gates i, f, g, o."""
    hidden = weight_hh.shape[1]
    h, c, out = np.zeros(hidden), np.zeros(hidden), []
    for row in x.astype(np.float64) @ weight_ih.T + bias:
        i, f, g, o = np.split(row + weight_hh @ h, 4)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(c)
        out.append(h)
    return np.array(out)


def logprobs(header: dict[str, Any], tensors: dict[str, Any], features: NDArray[Any]) -> NDArray[np.float64]:
    """Neck and head in float64: features [T, channels] -> [T, classes]."""

    def real(name: str, scale: str) -> NDArray[np.float64]:
        return tensors[name].astype(np.float64) * tensors[scale].astype(np.float64)[:, None]

    x = features.astype(np.float64)
    if header["network"]["neck"]["type"] == "bilstm":
        halves = []
        for name, step in (("lstm.forward", 1), ("lstm.backward", -1)):
            ih, hh = (real(f"{name}.weight_{part}", f"{name}.scale_{part}") for part in ("ih", "hh"))
            halves.append(lstm(x[::step], ih, hh, tensors[f"{name}.bias"].astype(np.float64))[::step])
        x = np.concatenate(halves, 1)
    if "head" in header["network"]:
        x = x @ real("bottleneck.weight", "bottleneck.scale").T
    logits = x @ real("head.weight", "head.scale").T + tensors["head.bias"].astype(np.float64)
    logits -= logits.max(1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(1, keepdims=True))
