"""The start of a finetuning: a model.bit becomes trainable and computes the same, and characters are added."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import random_model  # noqa: E402
from bitocr.errors import UsageError  # noqa: E402
from bitocr.io import bitfile  # noqa: E402
from bitocr.lab.config.quantize import Quantize  # noqa: E402
from bitocr.lab.nn.bit.fold import fold, network_header  # noqa: E402
from bitocr.lab.nn.bit.unfold import measure_statistics, network_of_header, unfold  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.extend import extend_head, look_alike  # noqa: E402
from bitocr.lab.train.start import open_start  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import Engine  # noqa: E402
from conftest import CHARSET  # noqa: E402


@pytest.mark.parametrize(("hidden", "bottleneck"), [(8, 0), (0, 0), (0, 16), (16, 24)])
def test_unfold_is_the_inverse_of_fold(hidden: int, bottleneck: int) -> None:
    data = random_model.model("abc", hidden=hidden, bottleneck=bottleneck)
    net, header = unfold(data)
    assert network_header(network_of_header(header["network"])) == header["network"]
    _, stored = bitfile.read(data)
    folded = fold(net)
    assert set(folded) == set(stored)
    for name, array in folded.items():
        values = stored[name].values()
        if array.dtype == bool:
            values = values < 0
        if array.dtype == np.float16 or array.dtype == bool:
            np.testing.assert_array_equal(array, values, name)
    # 8-bit matrices: the file's rows may not use their whole range, so what they stand for is compared.
    layers = ["stem", "head", *(["bottleneck"] if bottleneck else [])]
    for weight, scale in ((f"{layer}.weight", f"{layer}.scale") for layer in layers):
        ours, theirs = (
            np.asarray(w, np.float32).reshape(len(s), -1) * s[:, None]
            for w, s in ((folded[weight], folded[scale]), (stored[weight].values(), stored[scale].values()))
        )
        np.testing.assert_allclose(ours, theirs, atol=float(np.abs(theirs).max()) / 127)


def test_an_unfolded_network_computes_what_the_engine_does(model: Path) -> None:
    net, _ = unfold(model)
    engine = Engine(model)
    for seed in range(5):
        prepared = np.random.default_rng(seed).integers(-60, 60, (32, 64)).astype(np.int8)
        expected = engine.logprobs(prepared)
        with torch.no_grad():
            ours = net(torch.from_numpy(prepared)[None, None].float() / 32)[0].log_softmax(-1).numpy()
        assert np.median(np.abs(ours - expected)) < 1e-3


def test_measuring_changes_nothing_but_the_statistics(model: Path, tmp_path: Path) -> None:
    net, header = unfold(model)
    torch.manual_seed(0)
    batch = torch.randn(16, 1, 32, 48)
    with torch.no_grad():
        before = net(batch)
        untold = net.train()(batch)
        net, _ = unfold(model)
        measure_statistics(net, [batch])
        after = net(batch)
        save_weights(
            tmp_path / "w.safetensors",
            net,
            {"network": network_of_header(header["network"]).plain(), "charset": CHARSET},
        )
        trained = net.train()(batch)
    torch.testing.assert_close(after, before, atol=1e-4, rtol=0)
    exported = fold(load_weights(tmp_path / "w.safetensors")[0])
    for name, array in fold(unfold(model)[0]).items():
        if array.dtype == bool or name.startswith("blocks"):
            np.testing.assert_allclose(
                exported[name].astype("f4"), array.astype("f4"), rtol=1e-3, atol=1e-4, err_msg=name
            )
    # In training mode the statistics are the batch's own: with those measured on it, it computes the same.
    assert float((trained - before).abs().median()) < 1e-3 < float((untold - before).abs().median())


@pytest.mark.parametrize(("part", "expected"), [("lstm.", Quantize(lstm=4)), ("head.", None)])
def test_4_bits_elsewhere_are_none_of_the_lstms(part: str, expected: Quantize | None, tmp_path: Path) -> None:
    header = random_model.header(CHARSET)
    tensors = random_model.tensors(header)
    packed = {n: bitfile.nibbles(t >> 4) for n, t in tensors.items() if n.startswith(part) and "weight" in n}
    bitfile.write(tmp_path / "4.bit", header, {**tensors, **packed})
    assert open_start(str(tmp_path / "4.bit")).quantize == expected


@pytest.mark.parametrize(
    ("character", "expected"),
    [("ä", "a"), ("Ö", "O"), ("ø", "o"), ("ł", "l"), ("Ａ", "A"), ("½", "1"), ("€", None), ("ß", None), ("中", None)],
)
def test_look_alikes(character: str, expected: str | None) -> None:
    assert look_alike(character, CHARSET) == expected


def test_added_characters_change_no_reading() -> None:
    torch.manual_seed(0)
    net = build({"blocks": [[32, [2, 2]]], "neck": {"type": "none"}}).eval()
    images = torch.randn(8, 1, 32, 64)
    with torch.no_grad():
        net.head.weight.mul_(10)
        before = net(images)
        extend_head(net, CHARSET, "äé€中")
        after = net(images)
    assert after.shape[-1] == before.shape[-1] + 4
    torch.testing.assert_close(after[..., :96], before, atol=1e-5, rtol=1e-6)
    assert bool((after.argmax(-1) == before.argmax(-1)).all())
    torch.testing.assert_close(after[..., 96], before[..., CHARSET.index("a") + 1] - 4)
    with pytest.raises(UsageError, match="100 classes is not one of 95"):
        extend_head(net, CHARSET, "x")
