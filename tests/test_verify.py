"""`bitocr export` and `bitocr verify`: files that read the same as their checkpoint, and files that do not."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
if importlib.util.find_spec("MNN") is None:
    pytest.skip("MNN is not installed", allow_module_level=True)

import onnx

from bitocr.lab.export.mnn import export_mnn
from bitocr.lab.export.verify import labelled
from bitocr.lab.jobs.exports import compared, differing
from checkpoints import save_checkpoint
from conftest import Result

Run = Callable[..., Result]
Patch = pytest.MonkeyPatch


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_checkpoint(tmp_path_factory.mktemp("checkpoint") / "weights.safetensors", "engine")


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("images")
    for seed, width in enumerate((60, 100, 180)):
        small = np.random.default_rng(seed).integers(0, 256, (8, width // 4), np.uint8)
        Image.fromarray(small).resize((width, 32), Image.Resampling.BILINEAR).save(folder / f"{seed}.png")
    (folder / "labels.tsv").write_text("0.png\tnull\n1.png\teins\n2.png\tzwei\n")
    return folder / "labels.tsv"


@pytest.mark.parametrize("suffix", ["bit", "onnx", "mnn"])
def test_a_file_reads_what_its_checkpoint_reads(
    suffix: str, run: Run, checkpoint: Path, labels: Path, tmp_path: Path
) -> None:
    model = tmp_path / f"model.{suffix}"
    done = run("export", checkpoint, model)
    assert (done.code, done.out, done.err) == (0, f"{model}  {model.stat().st_size:,} bytes\n", "")
    done = run("verify", model, "--against", checkpoint, "--data", labels, "--json")
    assert done.code == 0, done.err
    assert done.json["images"] == 3
    assert done.json["median_difference"] < 0.02
    assert (done.json["texts_differ"], done.json["same"], done.json["differing"]) == (0, True, [])


@pytest.mark.parametrize("kind", ["mobilenet", "float", "dynamic", "static"])
def test_a_packed_file_reads_what_its_rounded_weights_read(kind: str, run: Run, labels: Path, tmp_path: Path) -> None:
    checkpoint, model = save_checkpoint(tmp_path / "weights.safetensors", kind), tmp_path / "model.mnn"
    assert run("export", checkpoint, model, "--precision", "packed").code == 0
    done = run("verify", model, "--against", checkpoint, "--data", labels, "--json")
    assert done.code == 0, done.err
    rounded = done.json["rounded_weights"]
    assert (rounded["texts_differ"], rounded["differing"]) == (0, [])
    assert rounded["largest_difference"] < 1e-4 < 1e-2 < done.json["median_difference"]
    told = run("verify", model, "--against", checkpoint, "--data", labels).out
    assert told.endswith(f"reads what {checkpoint} reads with weights so rounded\n")
    assert told.count("texts that differ") == 2


def test_an_exported_row_tells_of_rounded_weights(labels: Path, tmp_path: Path) -> None:
    checkpoint = save_checkpoint(tmp_path / "weights.safetensors", "mobilenet")
    export_mnn(checkpoint, tmp_path / "model.mnn", "packed")
    row = compared(tmp_path / "model.mnn", checkpoint, labelled(labels))
    assert row["rounded_texts_differ"] == 0
    assert differing(row).endswith("differ from the checkpoint's, 0 with weights rounded as in the file")


def test_another_network_of_the_same_shape_is_found_out(
    run: Run, checkpoint: Path, labels: Path, tmp_path: Path
) -> None:
    other = save_checkpoint(tmp_path / "other.safetensors", "mobilenet")
    run("export", other, tmp_path / "model.onnx")
    arguments = ("verify", tmp_path / "model.onnx", "--against", checkpoint, "--data", labels)
    done = run(*arguments)
    assert done.code == 1
    assert "texts that differ   3\n  image 1: 'null': " in done.out
    assert done.out.endswith(f"model.onnx does not read what {checkpoint} reads\n")
    assert run(*arguments, "--allow", "3").code == 0


def test_without_data_text_is_rendered(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    run("export", checkpoint, tmp_path / "model.bit")
    done = run("verify", tmp_path / "model.bit", "--against", checkpoint, "-n", 2)
    assert done.code == 0
    assert done.out.startswith("images              2\n")


@pytest.mark.parametrize("suffix", ["bit", "onnx", "mnn"])
@pytest.mark.parametrize("damage", ["empty", "half", "noise", "missing"])
def test_damaged_files_are_told_in_a_line(
    suffix: str, damage: str, run: Run, checkpoint: Path, labels: Path, tmp_path: Path
) -> None:
    model = tmp_path / f"model.{suffix}"
    if damage == "half":
        run("export", checkpoint, model)
        model.write_bytes(model.read_bytes()[: model.stat().st_size // 2])
    elif damage != "missing":
        model.write_bytes(b"" if damage == "empty" else np.random.default_rng(0).bytes(10000))
    done = run("verify", model, "--against", checkpoint, "--data", labels)
    assert done.code == 2
    assert done.out == ""
    assert done.err.startswith(f"bitocr: {model}: ")
    assert done.err.count("\n") == 1


def test_damage_that_shows_as_the_file_runs_is_told_in_a_line(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    good, model = tmp_path / "good.onnx", tmp_path / "model.onnx"
    run("export", checkpoint, good)
    for name, change, message in (
        ("head.bias", np.full(96, np.nan, np.float32), "its outputs are not finite: it is damaged"),
        ("head.bias", np.zeros(95, np.float32), "ONNX Runtime cannot "),
    ):
        network = onnx.load(str(good))
        tensor = next(tensor for tensor in network.graph.initializer if tensor.name == name)
        tensor.CopyFrom(onnx.numpy_helper.from_array(change, name))
        onnx.save(network, str(model))
        done = run("verify", model, "--against", checkpoint, "-n", 1, "--json")
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert done.err.startswith(f"bitocr: {model}: {message}")


@pytest.mark.parametrize("suffix", ["bit", "safetensors", "onnx"])
@pytest.mark.parametrize("damage", ["cut", "missing"])
def test_damaged_checkpoints_are_told_in_a_line(
    suffix: str, damage: str, run: Run, checkpoint: Path, tmp_path: Path
) -> None:
    model, against = tmp_path / "model.bit", tmp_path / f"against.{suffix}"
    run("export", checkpoint, model)
    if damage == "cut":
        whole = {"bit": model, "safetensors": checkpoint, "onnx": model}[suffix].read_bytes()
        against.write_bytes(whole[: len(whole) // 2])
    done = run("verify", model, "--against", against, "-n", 1)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith(f"bitocr: {against}: ")


def test_a_network_of_another_charset_is_told(run: Run, checkpoint: Path, labels: Path, tmp_path: Path) -> None:
    other = save_checkpoint(tmp_path / "other.safetensors", "float", classes=50)
    run("export", other, tmp_path / "model.onnx")
    done = run("verify", tmp_path / "model.onnx", "--against", checkpoint, "--data", labels)
    assert done.code == 2
    assert "of 50 classes, but" in done.err
    assert "of 96 classes: another network" in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("model.txt",), "the name must end in .bit, .onnx or .mnn"),
        (("model.bit", "--precision", "half"), "a .bit has the precision auto, not half"),
        (("model.mnn", "--card", "card.yaml"), "--card is for a .bit model"),
        (("none/model.onnx",), "cannot write none/model.onnx: No such file"),
    ],
)
def test_wrong_usage_of_export(
    arguments: tuple[str, ...],
    message: str,
    run: Run,
    checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("export", checkpoint, *arguments)
    assert done.code == 2
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"not a checkpoint"])
@pytest.mark.parametrize("suffix", ["bit", "onnx", "mnn"])
def test_what_is_no_checkpoint_is_told(content: bytes, suffix: str, run: Run, tmp_path: Path) -> None:
    source = tmp_path / "weights.safetensors"
    source.write_bytes(content)
    done = run("export", source, tmp_path / f"model.{suffix}")
    assert done.code == 2
    assert done.err.startswith(f"bitocr: {source}: not a weights file of bitocr")
    assert list(tmp_path.iterdir()) == [source]


def test_a_mobilenet_is_no_bit_model(run: Run, tmp_path: Path) -> None:
    source = save_checkpoint(tmp_path / "weights.safetensors", "mobilenet")
    done = run("export", source, tmp_path / "model.bit")
    assert done.code == 2
    assert "only a bit_crnn becomes a model.bit" in done.err
    assert list(tmp_path.iterdir()) == [source]
