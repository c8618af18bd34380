"""MNN: files of every precision agree with torch. Converting needs no network connection and installs nothing."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
if importlib.util.find_spec("MNN") is None:
    pytest.skip("MNN is not installed", allow_module_level=True)

from bitocr.errors import ModelError, UsageError  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.export import mnn_convert  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.export.mnn import export_mnn  # noqa: E402
from bitocr.lab.export.mnn_compression import exact_bits  # noqa: E402
from bitocr.lab.export.runners import Apart  # noqa: E402
from bitocr.lab.export.source import load_network, open_source  # noqa: E402
from bitocr.lab.export.verify import reference  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from checkpoints import prepared, save_checkpoint  # noqa: E402


def differences(source: Path, model: Path) -> list[float]:
    """The largest difference of a logit from torch's, for each of several images."""
    net, _ = load_network(source)
    images = [prepared(width, seed) for seed, width in enumerate((16, 20, 100, 332, 64))]
    with Apart(model) as run:
        return [float(np.abs(run(image) - reference(net, image)).max()) for image in images]


# How far rounding in another order, or fewer bits, may lead in logits whose range is some 10.
@pytest.mark.parametrize(
    ("kind", "precision", "tolerance"),
    [
        ("binary", "float", 1e-3),
        ("mobilenet", "float", 1e-3),
        ("float", "half", 0.1),
        ("mobilenet", "packed", 1.0),
        ("engine", "auto", 0.02),
        ("static", "auto", 1e-4),
        ("dynamic", "auto", 0.5),
        ("4 bits", "packed", 1.0),
    ],
)
def test_files_compute_what_torch_does(kind: str, precision: str, tolerance: float, tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path / "weights.safetensors", kind), tmp_path / "model.mnn"
    export_mnn(source, model, precision)
    assert np.median(differences(source, model)) < tolerance
    assert list(tmp_path.iterdir()) in ([source, model], [model, source])


def test_there_is_no_half_of_a_binary_model(tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", "binary")
    with pytest.raises(UsageError, match="half turns many signs of a binary network: take packed"):
        export_mnn(source, tmp_path / "model.mnn", "half")
    assert list(tmp_path.iterdir()) == [source]


def test_a_binary_model_packed_is_the_bit_models_network_in_little_room(tmp_path: Path) -> None:
    source = save_checkpoint(
        tmp_path / "weights.safetensors", "binary", blocks=[[256, [2, 1]], [256, [2, 2]]], stem=256
    )
    bit, packed, model = tmp_path / "model.bit", tmp_path / "packed.mnn", tmp_path / "float.mnn"
    export_bit(source, bit)
    export_mnn(source, packed)
    export_mnn(bit, model, "float")
    assert np.median(differences(bit, packed)) < 1e-3
    assert packed.stat().st_size < 2.3 * bit.stat().st_size < 0.2 * model.stat().st_size


@pytest.mark.parametrize(
    ("rows", "bits"),
    [
        ([[0.3, -0.3, 0.3], [2, 2, -2]], 2),
        ([[0.3, 0, 0.3], [0, 0, 0]], 2),
        ([[7, -1, 3], [0.07, 0.05, 0.02]], 4),
        ([[6, -1, 3], [7, 5, 2]], 8),
        ([[0.3, -0.2999, 0.3], [1, 1, 1]], 8),
    ],
)
def test_bits_in_which_a_weight_is_exact(rows: list[list[float]], bits: int) -> None:
    assert exact_bits(np.array(rows, np.float32)) == bits


@pytest.mark.parametrize(("largest", "bits"), [(7.0, 4), (6.4, 8)])
def test_an_lstm_of_4_bits_that_mnn_cannot_hold_is_rounded_to_8(largest: float, bits: int, tmp_path: Path) -> None:
    """MNN's scale is the largest weight of a row over 7, so the largest code of the row must be 7."""
    source, model = tmp_path / "weights.safetensors", tmp_path / "model.mnn"
    net, card = load_weights(save_checkpoint(source, "engine", quantize={"scheme": "engine", "lstm": 4}))
    lstm: Any = net.neck.lstm  # type: ignore[union-attr]
    for name, quantizer in lstm.quantizers.items():
        quantizer.log_scale.data = (lstm.get_parameter(name).abs().amax(1) / largest).log()
        quantizer.calibrated.fill_(True)
    save_weights(source, net, card)
    export_mnn(source, model)
    packed = open_source(source).packed()
    matrix = packed.neck.lstm.weight_hh_l0.detach().numpy()  # type: ignore[operator, union-attr]
    assert exact_bits(matrix) == bits
    with Apart(model) as run:
        assert np.median([np.abs(run(x) - reference(packed, x)).max() for x in map(prepared, (20, 100, 64))]) < 1e-4


def test_a_packed_network_has_4_bits_only_where_it_was_quantized(tmp_path: Path) -> None:
    settings = {"scheme": "dynamic", "weights": 4, "edges": 4, "lstm": 4}
    source = open_source(save_checkpoint(tmp_path / "weights.safetensors", "dynamic", quantize=settings))
    bits = {
        name: exact_bits(weight.detach().flatten(1).numpy())
        for name, weight in source.packed().named_parameters()
        if "weight" in name
    }
    small = {name for name in bits if name.startswith(("neck.", "head."))}
    assert len(small) == 5
    assert {bits.pop(name) for name in small} == {4}
    assert set(bits.values()) == {8}


def test_the_charset_lies_in_the_file(tmp_path: Path) -> None:
    charset = Charset().characters
    source = save_checkpoint(tmp_path / "weights.safetensors", "float")
    export_mnn(source, tmp_path / "model.mnn")
    program = (
        "import json, sys, MNN; net = MNN.nn.load_module_from_file(sys.argv[1], ['image'], ['logits']);"
        "print(json.loads(net.get_info()['bizCode'])['charset'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "model.mnn"], capture_output=True, text=True, check=True
    )
    assert charset in done.stdout.splitlines()  # MNN prints too, and not always before


def installed() -> dict[str, str]:
    return {found.metadata["Name"]: found.version for found in importlib.metadata.distributions()}


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("cc") is None, reason="watches through LD_PRELOAD")
def test_converting_opens_no_connection_and_installs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    witness, seen = tmp_path / "witness.so", tmp_path / "seen"
    code = Path(__file__).parent / "network_witness.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", str(code), "-o", str(witness)], check=True)
    monkeypatch.setenv("LD_PRELOAD", str(witness))
    monkeypatch.setenv("NETWORK_WITNESS", str(seen))
    subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], capture_output=True, check=False)
    assert "socket(2, " in seen.read_text()  # what does open one is seen
    seen.unlink()
    source = save_checkpoint(tmp_path / "weights.safetensors", "binary")
    before = installed()
    for precision in ("float", "packed"):
        export_mnn(source, tmp_path / "model.mnn", precision)
    assert not seen.exists()
    assert installed() == before


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import os; os.abort()", "failed: it ended with -6"),
        ("print('[ERROR] Op not support: Foo')", r"failed: \[ERROR\] Op not support: Foo"),
        ("pass", "failed: it ended with 0"),
    ],
)
def test_a_converter_that_fails_is_told_in_a_line(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", "mobilenet")
    monkeypatch.setattr(mnn_convert, "CALL", code)
    with pytest.raises(ModelError, match=message) as caught:
        export_mnn(source, tmp_path / "model.mnn")
    assert str(caught.value).startswith(str(source))
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.parametrize(
    ("kind", "changes", "message"),
    [
        ("binary", {}, "bitocr quantize makes an int8 network"),
        ("float, static", {}, "export it packed"),
        ("static", {"quantize": {"activations": 4}}, "activations of 8 bits, not 4"),
    ],
)
def test_networks_that_int8_is_not_made_for(kind: str, changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", kind, **changes)
    with pytest.raises(UsageError, match=message):
        export_mnn(source, tmp_path / "model.mnn", "int8")
    assert not (tmp_path / "model.mnn").exists()
