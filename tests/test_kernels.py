"""Every kernel, compared with numpy (binary layers bit for bit, neck and head within a tolerance) and torch's LSTM."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import kernel_hooks as hooks
import random_model
import reference
from bitocr.errors import UsageError
from bitocr.io import bitfile
from bitocr.native import engine

KERNELS = engine.kernels()
every_kernel = pytest.mark.parametrize("kernel", KERNELS)

# kernel size, cin, cout, height, width, stride
CONVS = [
    *((3, c, c, h, w, (1, 1)) for c, h, w in [(32, 16, 20), (64, 16, 80), (96, 5, 7), (128, 8, 80), (256, 4, 80)]),
    *((3, 32, 32, 4, w, (1, 1)) for w in range(1, 20)),
    *((3, 64, 64, 3, w, (1, 1)) for w in range(1, 20)),
    *((3, 64, 64, h, w, s) for h, w in [(8, 12), (7, 9), (1, 13)] for s in [(2, 2), (2, 1), (1, 2)]),
    *((3, 96, 96, h, 11, s) for h in (1, 2, 5) for s in [(2, 2), (2, 1), (1, 1)]),
    *((3, c, c, 2, 5, (1, 1)) for c in (160, 288, 512, 1024)),
    *(
        (1, cin, cin * m, 3, w, (1, 1))
        for cin, m, w in [(32, 1, 9), (32, 2, 17), (96, 2, 7), (128, 2, 5), (1024, 1, 3)]
    ),
    *((1, cin, cout, 2, w, (1, 1)) for cin, cout, w in [(64, 96, 5), (96, 160, 9), (128, 224, 3), (96, 32, 7)]),
]


def layer(case: tuple[Any, ...], seed: int) -> dict[str, Any]:
    """Random arrays for a case, with scales, slopes and biases of both signs."""
    size, cin, cout, height, width, (sh, sw) = case
    rng = np.random.default_rng(seed)
    floats = {name: rng.standard_normal(cout).astype(np.float32) for name in ("bias", "slope", "shift", "next_beta")}
    return {
        "x": rng.standard_normal((height, width, cin)).astype(np.float32),
        "beta": rng.standard_normal(cin).astype(np.float32) * 0.3,
        "weights": rng.choice([-1, 1], (cout, size, size, cin)),
        "stride": (sh, sw),
        "shortcut": rng.standard_normal((-(-height // sh), -(-width // sw), cin)).astype(np.float32),
        "scale": (rng.standard_normal(cout) / np.sqrt(size * size * cin)).astype(np.float32),
        **floats,
    }


@every_kernel
@pytest.mark.parametrize("case", CONVS, ids=str)
def test_binary_layers_bit_for_bit(kernel: str, case: tuple[Any, ...]) -> None:
    arrays = layer(case, seed=CONVS.index(case))
    out, signs = hooks.binary_conv(kernel, **arrays)
    a = arrays
    dot = reference.conv_dot(a["x"] + a["beta"] < 0, a["weights"], a["stride"])
    expected = reference.epilogue(dot, a["scale"], a["bias"], a["shortcut"], a["slope"], a["shift"])
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(signs, expected + a["next_beta"] < 0)


@every_kernel
@pytest.mark.parametrize("value", [1, -1])
def test_most_extreme_sums(kernel: str, value: int) -> None:
    """All 9216 signs agree or disagree: no sum overflows; sign(0) = +1, and without a next sign none is made."""
    ones, zeros = np.ones(1024), np.zeros(1024)
    out, signs = hooks.binary_conv(
        kernel, np.zeros((3, 3, 1024)), np.full((1024, 3, 3, 1024), value), shortcut=np.zeros((3, 3, 1024)),
        beta=zeros, scale=ones, bias=zeros, slope=ones, shift=zeros,
    )  # fmt: skip
    np.testing.assert_array_equal(out, value * 9216)
    assert not signs.any()


@every_kernel
@pytest.mark.parametrize("channels", [32, 64, 96])
@pytest.mark.parametrize("width", [16, 20, 36])
def test_stem_bit_for_bit(kernel: str, channels: int, width: int) -> None:
    rng = np.random.default_rng(width)
    q = rng.integers(-128, 128, (32, width), dtype=np.int8)
    weights = rng.integers(-128, 128, (channels, 3, 3), dtype=np.int8)
    q[:8], weights[: channels // 2] = -128, -128
    scale, bias = rng.standard_normal((2, channels)).astype(np.float32)
    np.testing.assert_array_equal(hooks.stem(kernel, q, weights, scale, bias), reference.stem(q, weights, scale, bias))


@every_kernel
@pytest.mark.parametrize("inputs", [1, 2, 8, 37, 96, 256])
@pytest.mark.parametrize("outputs", [2, 16, 33, 96, 97, 384])
@pytest.mark.parametrize("rows", [1, 2, 7, 23])
def test_integer_products(kernel: str, inputs: int, outputs: int, rows: int) -> None:
    rng = np.random.default_rng(inputs * outputs + rows)
    weights = rng.integers(-128, 128, (outputs, inputs), dtype=np.int8)
    x = rng.integers(-32767, 32768, (rows, inputs), dtype=np.int16)
    np.testing.assert_array_equal(hooks.multiply(kernel, weights, x), x.astype(np.int32) @ weights.astype(np.int32).T)


@every_kernel
def test_largest_integer_products(kernel: str) -> None:
    """The largest number of inputs, in the range of bitocr_lstm_activation_range."""
    for inputs, largest in [(512, 32767), (1024, 16383), (2048, 8191)]:
        weights, x = np.full((40, inputs), -128, np.int8), np.full((3, inputs), largest, np.int16)
        np.testing.assert_array_equal(hooks.multiply(kernel, weights, x), -128 * inputs * largest)


@every_kernel
@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_activation_functions(kernel: str, name: str) -> None:
    x = np.concatenate([np.linspace(-20, 20, 40001), [-1e30, -200, -88, 88, 200, 1e30, -np.inf, np.inf, 0]])
    exact = np.tanh(x.astype(np.float32).astype(np.float64))
    if name == "sigmoid":
        exact = 0.5 + 0.5 * np.tanh(0.5 * x.astype(np.float32).astype(np.float64))
    assert np.abs(hooks.function(kernel, name, x) - exact).max() < 2e-7


@every_kernel
@pytest.mark.parametrize("classes", [2, 15, 16, 17, 96, 128, 129, 1000, 7205, 65536])
@pytest.mark.parametrize("spread", [0.1, 10])
@pytest.mark.parametrize("rare", [0, 30])
def test_log_softmax(kernel: str, classes: int, spread: float, rare: float) -> None:
    """Pieces of 128 classes that are e^-17 below the highest may be left out of the sum, as the `rare` ones here."""
    x = np.random.default_rng(classes).standard_normal(classes).astype(np.float32) * np.float32(spread)
    x[: classes // 3] -= rare
    exact = x - x.max() - np.log(np.exp((x - x.max()).astype(np.float64)).sum())
    tolerance = 5e-6 + (classes * np.exp(-17) if classes > 128 else 0)
    assert np.abs(hooks.function(kernel, "log_softmax", x) - exact).max() < tolerance


@every_kernel
@pytest.mark.parametrize("n", [1, 2, 127, 128, 129, 500, 7000])
def test_largest(kernel: str, n: int) -> None:
    rng = np.random.default_rng(n)
    for x in (rng.standard_normal(n), -rng.random(n), rng.integers(-2, 2, n), np.full(n, -np.inf), np.zeros(n)):
        assert hooks.largest(kernel, x) == x.argmax()  # the first of several
    for at in {0, n // 2, n - 1}:
        assert hooks.largest(kernel, np.eye(n)[at] - 5) == at


@every_kernel
@pytest.mark.parametrize("n", [1, 128, 129, 500])
@pytest.mark.parametrize("least", [-7.0, 0.5, -np.inf])
def test_next(kernel: str, n: int, least: float) -> None:
    x = np.random.default_rng(n).standard_normal(n) * 6
    x[::5], x[1::50], x[2::50] = least, np.nan, -np.inf
    found, at = [], -1
    while (at := hooks.next_above(kernel, x, at + 1, least)) < n:
        found.append(at)
    assert found == list(np.flatnonzero(x.astype(np.float32) >= least))
    assert hooks.next_above(kernel, np.full(n, least - 1), 0, least) == (0 if np.isinf(least) else n)


def lstm_arrays(steps: int, inputs: int, units: int) -> list[Any]:
    rng = np.random.default_rng(units)
    x = rng.standard_normal((steps, inputs)) * np.exp(rng.standard_normal((steps, 1)))
    ih = rng.integers(-127, 128, (4 * units, inputs), dtype=np.int8)
    hh = rng.integers(-127, 128, (4 * units, units), dtype=np.int8)
    scale_ih, scale_hh = rng.uniform(0.5, 1.5, (2, 4 * units)) * 0.01 / np.sqrt([[inputs], [units]])
    bias = rng.standard_normal(4 * units)
    return [a.astype(np.float32) if a.dtype == np.float64 else a for a in (x, ih, hh, scale_ih, scale_hh, bias)]


@every_kernel
@pytest.mark.parametrize(("steps", "inputs", "units"), [(1, 32, 8), (40, 256, 96), (7, 96, 40), (30, 1024, 16)])
@pytest.mark.parametrize("backward", [False, True])
def test_lstm_against_torch(kernel: str, steps: int, inputs: int, units: int, backward: bool) -> None:
    torch = pytest.importorskip("torch")
    x, ih, hh, scale_ih, scale_hh, bias = arrays = lstm_arrays(steps, inputs, units)
    layer = torch.nn.LSTM(inputs, units)
    with torch.no_grad():
        layer.weight_ih_l0[:] = torch.from_numpy(ih * scale_ih[:, None])
        layer.weight_hh_l0[:] = torch.from_numpy(hh * scale_hh[:, None])
        layer.bias_ih_l0[:] = torch.from_numpy(bias)
        layer.bias_hh_l0[:] = 0
        step = -1 if backward else 1
        expected = layer(torch.from_numpy(x[::step].copy()))[0].numpy()[::step]
    assert np.abs(hooks.lstm(kernel, *(*arrays, backward)) - expected).max() < 2e-4


DEFAULT = (
    (32, 32, (1, 1)),
    (32, 64, (2, 2)),
    (64, 64, (1, 1)),
    (64, 128, (2, 1)),
    (128, 128, (1, 1)),
    (128, 256, (2, 1)),
)
NETWORKS = [
    (DEFAULT, 96, 320),
    (DEFAULT, 96, 100),
    (DEFAULT, 0, 16),
    (random_model.SMALL, 8, 52),
    (((96, 192, (2, 1)), (192, 192, (1, 1))), 40, 36),
    (((32, 64, (2, 2)), (64, 96, (2, 1)), (96, 160, (1, 1)), (160, 128, (2, 1))), 24, 44),
    (((32, 64, (1, 2)), (64, 64, (2, 2)), (64, 96 + 32, (2, 1)), (128, 128, (2, 1)), (128, 128, (2, 1))), 0, 60),
    (((64, 128, (2, 2)), (128, 128, (2, 2)), (128, 128, (2, 1)), (128, 128, (2, 1))), 16, 28),
]  # the sixth is pruned; the last two: T = ceil(width / 8); the last two also come down to one row


def networks() -> list[Any]:
    """Blocks, hidden, width, characters, bottleneck."""
    plain = [(*network, 95, 0) for network in NETWORKS]
    return [*plain, (DEFAULT, 96, 100, 95, 40), (random_model.SMALL, 0, 36, 95, 8), (random_model.SMALL, 24, 52, 7, 40),
            (random_model.SMALL, 40, 132, 2999, 72)]  # fmt: skip


@pytest.mark.parametrize(("blocks", "hidden", "width", "characters", "bottleneck"), networks())
def test_whole_networks(blocks: random_model.Blocks, hidden: int, width: int, characters: int, bottleneck: int) -> None:
    charset = "".join(map(chr, range(33, 33 + characters)))
    header = random_model.header(charset, blocks, hidden, bottleneck)
    tensors = random_model.tensors(header, seed=width)
    model = bitfile.dump(header, tensors)
    q = np.random.default_rng(width).integers(-127, 128, (32, width), dtype=np.int8)
    expected = reference.backbone(header, tensors, q)
    exact = reference.logprobs(header, tensors, expected)
    generic = None
    for kernel in reversed(KERNELS):
        features, logprobs = hooks.network(kernel, model, q, expected.shape, len(charset) + 1)
        np.testing.assert_array_equal(features, expected, err_msg=kernel)
        assert np.abs(logprobs - exact).max() < 2e-4 * np.abs(exact).max(), kernel
        generic = logprobs if generic is None else generic
        np.testing.assert_array_equal(logprobs, generic, err_msg=kernel)


def test_workspace_is_reused_for_other_widths() -> None:
    """Narrow after wide: the padding holds nothing of an earlier image."""
    blocks = random_model.SMALL
    model = random_model.model(blocks=blocks)
    rng = np.random.default_rng(0)
    images = {width: rng.integers(-127, 128, (32, width), dtype=np.int8) for width in (256, 16, 100, 52)}
    for kernel in KERNELS:
        fresh = {width: engine.Engine(model, kernel).logprobs(q) for width, q in images.items()}
        used = engine.Engine(model, kernel)
        for width in (16, 256, 52, 100, 16):
            np.testing.assert_array_equal(used.logprobs(images[width]), fresh[width])


@every_kernel
def test_bench_hooks(kernel: str) -> None:
    assert hooks.bench_conv(kernel, channels=64, height=4, width=7, repeats=2) > 0
    seconds = hooks.bench_network(kernel, random_model.model(), width=32, repeats=2, stages=len(random_model.SMALL) + 3)
    assert min(seconds) >= 0 < sum(seconds)
    with pytest.raises(UsageError, match="the network has 6 stages, not 5"):
        hooks.bench_network(kernel, random_model.model(), width=32, repeats=1, stages=5)


def test_names_of_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    model = random_model.model()
    assert KERNELS[-1] == "generic"
    best_first = [["avx512", "avx512bw", "avx2"], ["neon_dot", "neon"]]  # where the first runs, so do the others
    assert all(KERNELS[0] not in names or names[names.index(KERNELS[0]) :] == KERNELS[:-1] for names in best_first)
    assert engine.Engine(model).kernel == KERNELS[0]
    monkeypatch.setenv("BITOCR_KERNEL", "generic")
    assert engine.Engine(model).kernel == "generic"
    assert engine.Engine(model, kernel=KERNELS[0]).kernel == KERNELS[0]
    monkeypatch.setenv("BITOCR_KERNEL", "mmx")
    with pytest.raises(UsageError, match=r'^BITOCR_KERNEL: this processor has no kernel "mmx"; it can run: .*generic$'):
        engine.Engine(model)
