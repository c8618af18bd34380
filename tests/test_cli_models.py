"""`bitocr inspect` and `bitocr models`: they say what is in the file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import random_model
from bitocr.io import bitfile, shipped
from conftest import CHARSET, Result

Run = Callable[..., Result]


def test_inspect_adds_up(run: Run, model: Path) -> None:
    report = run("inspect", model, "--json").json
    _, tensors = bitfile.read(model)
    layers, totals = {layer["name"]: layer for layer in report["layers"]}, report["totals"]
    stored = sum(t.data.nbytes for t in tensors.values())
    assert report["bytes"] == model.stat().st_size
    assert sum(layer["weight_bytes"] + layer["other_bytes"] for layer in layers.values()) == stored
    assert totals["tensor_bytes"] + totals["header_bytes"] == report["bytes"]
    assert totals["parameters"] == sum(t.size for t in tensors.values())
    assert report["charset"] == CHARSET
    assert report["card"] == {"name": "random"}
    assert list(layers) == [
        "stem", *(f"blocks.{n}.conv{c}" for n in range(3) for c in (1, 2)), "lstm.forward", "lstm.backward", "head",
    ]  # fmt: skip


def test_inspect_proves_one_bit_a_weight(run: Run, model: Path) -> None:
    report = run("inspect", model, "--json").json
    _, tensors = bitfile.read(model)
    binary = [layer for layer in report["layers"] if layer["kind"].startswith("binary")]
    assert len(binary) == report["totals"]["binary_layers"] == 6
    for layer in binary:
        signs = tensors[f"{layer['name']}.weight"].values()
        assert set(np.unique(signs)) == {-1, 1}
        assert layer["bits_per_weight"] == 1
        assert layer["weight_bytes"] * 8 == layer["weights"] == signs.size
        assert layer["minus_share"] == pytest.approx((signs < 0).mean(), abs=1e-4)
    assert report["totals"]["one_bit_each"] is True
    assert report["totals"]["binary_weights"] == 8 * report["totals"]["binary_bytes"]


@pytest.mark.parametrize("width", [100, 320, 321])
def test_inspect_counts_operations(run: Run, model: Path, width: int) -> None:
    layers = {la["name"]: la for la in run("inspect", model, "--json", "--width", width).json["layers"]}
    w = width // 4 * 4
    expected = {
        "stem": 32 * 9 * 16 * (w // 2),
        "blocks.0.conv1": 32 * 32 * 9 * 16 * (w // 2),
        "blocks.1.conv1": 32 * 32 * 9 * 8 * (w // 4),
        "blocks.1.conv2": 32 * 64 * 8 * (w // 4),
        "blocks.2.conv2": 64 * 64 * 4 * (w // 4),
        "lstm.forward": 32 * (64 + 8) * (w // 4),
        "head": 96 * 16 * (w // 4),
    }
    for name, macs in expected.items():
        binary = name.startswith("blocks")
        assert layers[name]["binary_macs" if binary else "int8_macs"] == macs, name
        assert layers[name]["int8_macs" if binary else "binary_macs"] == 0
    assert layers["blocks.2.conv1"]["output"] == [64, 4, w // 4]


def test_inspect_without_a_neck(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "flat.bit"
    path.write_bytes(random_model.model("ab", hidden=0))
    assert [la["name"] for la in run("inspect", path, "--json").json["layers"]][-2:] == ["blocks.2.conv2", "head"]


def test_inspect_with_a_bottleneck(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "narrow.bit"
    path.write_bytes(random_model.model("abcd", hidden=16, bottleneck=24))
    *_, bottleneck, head = run("inspect", path, "--width", "64", "--json").json["layers"]
    assert (bottleneck["name"], bottleneck["output"], bottleneck["weights"]) == ("bottleneck", [16, 24], 24 * 32)
    assert (head["name"], head["output"], head["weights"]) == ("head", [16, 5], 5 * 24)
    assert (bottleneck["int8_macs"], head["int8_macs"]) == (16 * 24 * 32, 16 * 5 * 24)


def test_inspect_for_people(run: Run, model: Path) -> None:
    result = run("inspect", model)
    assert result.code == 0
    assert "binary conv 3x3 / 2x1  64 x 3 x 3 x 64" in result.out
    assert "62,464 weights in 7,808 bytes: 7,808 x 8 = 62,464, one bit a weight" in result.out
    assert "name       random" in result.out
    assert "95 characters:  !\"#$%&'()*+,-./0123" in result.out


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no such file"), (b"", "not a bitocr model"), (b"text", "not a bitocr model")],
)
def test_inspect_of_what_is_no_model(run: Run, tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "m.bit"
    if content is not None:
        path.write_bytes(content)
    result = run("inspect", path)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert message in result.err


def test_inspect_refuses_what_the_engine_would(run: Run, tmp_path: Path) -> None:
    header = random_model.header("ab")
    tensors = random_model.tensors(header)
    del tensors["head.bias"]
    bitfile.write(tmp_path / "m.bit", header, tensors)
    result = run("inspect", tmp_path / "m.bit")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "head.bias" in result.err


def test_models(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    assert "no models" in run("models").out
    header = random_model.header("ab")
    header["card"] = {"languages": ["en"], "licence": "Apache-2.0", "accuracy": {"iiit5k": 0.5}}
    bitfile.write(tmp_path / "tiny.bit", header, random_model.tensors(header))
    size = (tmp_path / "tiny.bit").stat().st_size
    [found] = run("models", "--json").json
    assert (found["name"], found["bytes"], found["languages"]) == ("tiny", size, ["en"])
    assert found["accuracy"] == {"iiit5k": 0.5}
    assert f"tiny   {size:,}" in run("models").out
    assert run("inspect", "tiny", "--json").json["card"] == header["card"]


@pytest.mark.parametrize(
    "card", [None, [], "x", {"accuracy": 0.5, "languages": "en"}, {"accuracy": [1], "languages": 3}]
)
def test_models_with_odd_cards(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: object) -> None:
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    header = {**random_model.header("ab"), "card": card}
    bitfile.write(tmp_path / "tiny.bit", header, random_model.tensors(header))
    assert "tiny" in run("models").out
    assert run("models", "--json").json[0]["accuracy"] == {}
