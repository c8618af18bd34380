"""ONNX: every kind of network agrees with torch, alone and in batches; int8 files run on integers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.export.onnx import export_onnx  # noqa: E402
from bitocr.lab.export.runners import open_onnx  # noqa: E402
from bitocr.lab.export.source import load_network  # noqa: E402
from bitocr.lab.export.verify import reference  # noqa: E402
from checkpoints import KINDS, prepared, save_checkpoint  # noqa: E402


def differences(source: Path, model: Path) -> list[float]:
    """The largest difference of a logit from torch's, for each of several images."""
    net, _ = load_network(source)
    run = open_onnx(model)
    images = [prepared(width, seed) for seed, width in enumerate((16, 20, 100, 332, 64))]
    return [float(np.abs(run(image) - reference(net, image)).max()) for image in images]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "quantize" not in KINDS[kind]])
def test_float_files_compute_what_torch_does(kind: str, tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path / "weights.safetensors", kind), tmp_path / "model.onnx"
    export_onnx(source, model)
    assert np.median(differences(source, model)) < 1e-3
    metadata = onnxruntime.InferenceSession(str(model)).get_modelmeta().custom_metadata_map
    assert metadata == {"charset": Charset().characters}


# How far rounding in another order may lead, in logits whose range is some 10.
@pytest.mark.parametrize(
    ("kind", "tolerance"),
    [("static", 1e-3), ("4 bits", 1e-3), ("float, static", 1e-3), ("dynamic", 0.1), ("engine", 0.02)],
)
def test_quantized_files_compute_what_torch_does(kind: str, tolerance: float, tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path / "weights.safetensors", kind), tmp_path / "model.onnx"
    export_onnx(source, model)
    net, _ = load_network(source)
    assert np.ptp(reference(net, prepared(100))) > 5
    assert np.median(differences(source, model)) < tolerance


def test_int8_files_are_a_quarter_and_run_on_integers(tmp_path: Path) -> None:
    sizes = {}
    for kind in ("mobilenet", "static"):
        source = save_checkpoint(tmp_path / f"{kind}.safetensors", kind)
        export_onnx(source, tmp_path / f"{kind}.onnx")
        sizes[kind] = (tmp_path / f"{kind}.onnx").stat().st_size
    stored = onnx.load(str(tmp_path / "static.onnx")).graph.initializer
    assert not [tensor.name for tensor in stored if tensor.data_type == 1 and np.prod(tensor.dims) > 512]
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "fused.onnx")
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    onnxruntime.InferenceSession(str(tmp_path / "static.onnx"), options)
    kinds = Counter(node.op_type for node in onnx.load(str(tmp_path / "fused.onnx")).graph.node)
    assert kinds["QLinearConv"] == 9
    assert kinds["Conv"] == 0
    assert sizes["static"] < 0.4 * sizes["mobilenet"]  # of so small a network, names are a tenth


def test_two_weights_of_4_bits_are_a_byte(tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", "static")
    export_onnx(source, tmp_path / "8.onnx")
    source = save_checkpoint(tmp_path / "weights.safetensors", "static", quantize={"lstm": 4})
    export_onnx(source, tmp_path / "4.onnx")
    codes = [tensor for tensor in onnx.load(str(tmp_path / "4.onnx")).graph.initializer if tensor.data_type == 22]
    saved = (tmp_path / "8.onnx").stat().st_size - (tmp_path / "4.onnx").stat().st_size
    assert saved > 0.8 * sum(int(np.prod(tensor.dims)) for tensor in codes) / 2 > 10_000


@pytest.mark.parametrize("kind", ["binary", "static"])
def test_a_batch_is_what_its_images_are_alone(kind: str, tmp_path: Path) -> None:
    source, model = save_checkpoint(tmp_path / "weights.safetensors", kind), tmp_path / "model.onnx"
    export_onnx(source, model)
    images = np.stack([prepared(100, seed)[None].astype("f4") / 32 for seed in range(3)])
    session = onnxruntime.InferenceSession(str(model))
    batch = session.run(None, {"image": images})[0]
    alone = [session.run(None, {"image": image[None]})[0][0] for image in images]
    np.testing.assert_allclose(batch, np.stack(alone), atol=1e-3)


def test_a_bit_model_becomes_onnx(tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", "engine")
    export_bit(source, tmp_path / "model.bit")
    export_onnx(tmp_path / "model.bit", tmp_path / "model.onnx")
    assert np.median(differences(tmp_path / "model.bit", tmp_path / "model.onnx")) < 1e-3


@pytest.mark.parametrize(
    ("kind", "precision", "message"),
    [
        ("mobilenet", "int8", "bitocr quantize makes an int8 network"),
        ("binary", "packed", "ONNX has the precisions float and int8, not packed"),
    ],
)
def test_precisions_that_there_are_none_of(kind: str, precision: str, message: str, tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", kind)
    with pytest.raises(UsageError, match=message):
        export_onnx(source, tmp_path / "model.onnx", precision)
    assert not (tmp_path / "model.onnx").exists()


def test_activations_of_4_bits_are_told(tmp_path: Path) -> None:
    quantize = {"scheme": "static", "activations": 4}
    source = save_checkpoint(tmp_path / "weights.safetensors", "static", quantize=quantize)
    with pytest.raises(UsageError, match="activations of 8 bits, not 4"):
        export_onnx(source, tmp_path / "model.onnx")
