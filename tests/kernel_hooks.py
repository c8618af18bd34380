"""Calls the engine's test hooks (engine/hooks/testing.h) with numpy arrays."""

from __future__ import annotations

import ctypes
from ctypes import c_int, c_void_p
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bitocr.native import library
from bitocr.native.library import call, lib

Array = NDArray[Any]

if not hasattr(lib, "bitocr_test_conv"):
    raise RuntimeError("these tests take an engine with hooks: pip install --editable .")


class _ConvArgs(ctypes.Structure):
    """The structure bitocr_test_conv_args."""

    _ints = ("kernel", "cin", "cout", "height", "width", "stride_h", "stride_w", "shortcut_channels")
    _arrays = ("x", "beta", "weights", "scale", "bias", "slope", "shift", "shortcut", "next_beta", "out", "next_signs")
    _fields_ = (*((name, c_int) for name in _ints), *((name, c_void_p) for name in _arrays))


def _pointer(array: Array | None) -> int | None:
    return None if array is None else array.ctypes.data


def _float32(array: Any) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32)


def binary_conv(
    kernel: str,
    x: Array,
    weights: Array,
    stride: tuple[int, int] = (1, 1),
    *,
    shortcut: Array,
    beta: Array,
    scale: Array,
    bias: Array,
    slope: Array,
    shift: Array,
    next_beta: Array | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """A binary convolution and its epilogue. x [h, w, cin]; weights [cout, k, k, cin] of +1 and -1; shortcut
    [oh, ow, c]. Returns the output [oh, ow, cout] and the next signs as bits (zeros without next_beta)."""
    (height, width, cin), (cout, size) = x.shape, weights.shape[:2]
    shape = (-(-height // stride[0]), -(-width // stride[1]), cout)
    floats = {"x": x, "beta": beta, "scale": scale, "bias": bias, "slope": slope, "shift": shift, "shortcut": shortcut}
    arrays: dict[str, Array] = {name: _float32(value) for name, value in floats.items()}
    if next_beta is not None:
        arrays["next_beta"] = _float32(next_beta)
    arrays["weights"] = np.packbits(weights.reshape(-1) < 0, bitorder="little")
    arrays["out"], arrays["next_signs"] = np.full(shape, np.nan, np.float32), np.zeros(shape, np.uint8)
    pointers = {name: _pointer(value) for name, value in arrays.items()}
    args = _ConvArgs(size, cin, cout, height, width, *stride, shortcut.shape[-1], **pointers)
    assert lib.bitocr_test_conv(kernel.encode(), ctypes.byref(args)) == 0
    return arrays["out"], arrays["next_signs"]


def prepare(image: NDArray[np.uint8], height: int, width: int) -> NDArray[np.int8]:
    """A gray image [h, w], prepared for networks of this height: int8 [height, width]."""
    image, out = np.ascontiguousarray(image), np.empty((height, width), np.int8)
    view = library.Image(_pointer(image), image.shape[1], image.shape[0], image.shape[1], 1)
    call(lib.bitocr_test_prepare, ctypes.byref(view), height, width, c_void_p(_pointer(out)))
    return out


def stem(kernel: str, q: Array, weights: Array, scale: Array, bias: Array) -> NDArray[np.float32]:
    """q int8 [h, w], weights int8 [channels, 3, 3] -> [h / 2, w / 2, channels], sizes rounded up."""
    q, weights, scale, bias = np.ascontiguousarray(q), np.ascontiguousarray(weights), _float32(scale), _float32(bias)
    out = np.full((-(-q.shape[0] // 2), -(-q.shape[1] // 2), len(weights)), np.nan, np.float32)
    pointers = map(c_void_p, map(_pointer, (weights, scale, bias, out)))
    assert lib.bitocr_test_stem(kernel.encode(), c_void_p(_pointer(q)), *q.shape, len(weights), *pointers) == 0
    return out


def multiply(kernel: str, weights: Array, x: Array) -> NDArray[np.int32]:
    """weights int8 [outputs, inputs], x int16 [rows, inputs] -> int32 [rows, outputs]."""
    (outputs, inputs), rows = weights.shape, len(x)
    sums = np.zeros((rows, outputs), np.int32)
    w, v, s = (c_void_p(_pointer(a)) for a in (weights, x, sums))
    assert lib.bitocr_test_multiply(kernel.encode(), w, inputs, outputs, v, rows, s) == 0
    return sums


def lstm(
    kernel: str,
    x: Array,
    weight_ih: Array,
    weight_hh: Array,
    scale_ih: Array,
    scale_hh: Array,
    bias: Array,
    backward: bool = False,
) -> NDArray[np.float32]:
    """One direction: x [steps, inputs], weights int8 [4 units, inputs | units], floats [4 units] -> [steps, units]."""
    steps, inputs = x.shape
    units = weight_hh.shape[1]
    out = np.full((steps, units), np.nan, np.float32)
    arrays = [weight_ih, weight_hh, *map(_float32, (scale_ih, scale_hh, bias))]
    data = _float32(x)
    status = lib.bitocr_test_lstm(
        kernel.encode(), c_void_p(_pointer(data)), steps, inputs, units, *(c_void_p(_pointer(a)) for a in arrays),
        int(backward), c_void_p(_pointer(out)),
    )  # fmt: skip
    assert status == 0
    return out


def function(kernel: str, name: str, x: Array) -> NDArray[np.float32]:
    """sigmoid, tanh or log_softmax of x [n]."""
    out = np.array(x, np.float32)
    assert lib.bitocr_test_function(kernel.encode(), name.encode(), c_void_p(_pointer(out)), out.size) == 0
    return out


def largest(kernel: str, x: Array) -> int:
    """The index of the largest of x [n]."""
    data = _float32(x)
    index = c_int()
    status = lib.bitocr_test_largest(kernel.encode(), c_void_p(_pointer(data)), data.size, ctypes.byref(index))
    assert status == 0
    return index.value


def next_above(kernel: str, x: Array, first: int, least: float) -> int:
    """The first index from `first` on at which x [n] is at least `least`, or n."""
    data = _float32(x)
    index = c_int(first)
    bound = ctypes.c_float(least)
    status = lib.bitocr_test_next(kernel.encode(), c_void_p(_pointer(data)), data.size, bound, ctypes.byref(index))
    assert status == 0
    return index.value


def network(
    kernel: str, model: bytes, q: Array, shape: tuple[int, int], classes: int, threads: int = 1
) -> tuple[Array, Array]:
    """q int8 [h, w] -> features of this shape [T, channels] and log-probabilities [T, classes]."""
    features, logprobs = np.zeros(shape, np.float32), np.zeros((shape[0], classes), np.float32)
    run_network(kernel, model, q, logprobs, features, threads)
    return features, logprobs


def maps(kernel: str, model: bytes, q: Array, threads: int = 1) -> NDArray[np.float32]:
    """q int8 [h, w] -> the output of a network, [height, width, channels]."""
    size = (c_int * 3)()
    call(lib.bitocr_test_network_size, model, ctypes.c_size_t(len(model)), *q.shape, size)
    out = np.full(tuple(size), np.nan, np.float32)
    run_network(kernel, model, q, out, None, threads)
    return out


def run_network(kernel: str, model: bytes, q: Array, out: Array, features: Array | None, threads: int) -> None:
    data = np.ascontiguousarray(q)
    pointers = [c_void_p(_pointer(array)) for array in (features, out)]
    call(
        lib.bitocr_test_network, kernel.encode(), model, ctypes.c_size_t(len(model)), threads,
        c_void_p(_pointer(data)), *q.shape, *pointers,
    )  # fmt: skip


def bench_conv(kernel: str, channels: int, height: int, width: int, repeats: int) -> float:
    """The seconds of the fastest run of a binary 3x3 layer."""
    seconds = ctypes.c_double()
    assert lib.bitocr_bench_conv(kernel.encode(), channels, height, width, repeats, ctypes.byref(seconds)) == 0
    return seconds.value


def bench_network(kernel: str, model: bytes, width: int, repeats: int, stages: int) -> list[float]:
    """The seconds of each stage in the fastest run."""
    seconds = (ctypes.c_double * stages)()
    arguments = (kernel.encode(), model, ctypes.c_size_t(len(model)), width, repeats, seconds, stages)
    call(lib.bitocr_bench_network, *arguments)
    return list(seconds)
