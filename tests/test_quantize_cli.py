"""`bitocr quantize` on the command line, and the stage of its training recipe."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from PIL import Image  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.recipe import Recipe  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.jobs import quantization  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.quant.ranges import is_calibrated  # noqa: E402
from bitocr.lab.nn.quant.spec import quantized_layers  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.run import run_recipe  # noqa: E402
from bitocr.lab.train.task import to_input  # noqa: E402
from bitocr.lab.train.validate import best_path  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import Engine  # noqa: E402
from bitocr.native.image import prepare  # noqa: E402
from conftest import CHARSET, Result  # noqa: E402
from labelled import write_pictures  # noqa: E402

Run = Callable[..., Result]
TEXTS = ["Tea", "Bread", "12 eggs", "Milk", "Oats", "Rye", "Flour", "3,50", "Salt", "Rice", "Jam", "Oil"]
NECK = {"type": "bilstm", "hidden": 8}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [2, 2]], [16, [2, 1]]], "neck": NECK, "classes": 96}
BINARY = {"stem": 32, "blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": NECK, "classes": 96}
CONFIGS = {"mobile": MOBILE, "binary": BINARY}
QUICK = ("--share", 1, "data.columns=256", "data.workers=0", "trainer.precision=32-true")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve labelled pictures."""
    return write_pictures(tmp_path / "shop", TEXTS)


def checkpoint(tmp_path: Path, name: str) -> Path:
    torch.manual_seed(0)
    path = tmp_path / name / "weights.safetensors"
    save_weights(path, build(CONFIGS[name]), {"name": name, "network": CONFIGS[name], "charset": CHARSET})
    return path


def test_after_training(run: Run, folder: Path, tmp_path: Path) -> None:
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "int8"
    call = ("quantize", weights, folder, out, "--observer", "entropy", "--weights", 4, "--calibration", 8)
    result = run(*call)
    assert result.code == 0, result.err
    assert "calibrating on 8 images" in result.out
    net, card = load_weights(out / "weights.safetensors", CHARSET)
    assert is_calibrated(net)
    assert card["quantized"] == {"from": {"name": "mobile"}, "observer": "entropy", "trained": False}
    assert card["network"]["quantize"]["weights"] == 4
    bits = {layer.name: layer.bits for layer in quantized_layers(net)}
    assert (bits["backbone.stem.0"], bits["backbone.blocks.0.3"], bits["head"]) == (8, 4, 8)
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert [row["name"] for row in report["layers"]] == list(bits)
    assert list(report["variants"]) == ["before", "calibrated"]
    assert set(report["variants"]["calibrated"]["scores"]) == {"held back"}
    assert report["variants"]["calibrated"]["bytes"] < report["variants"]["before"]["bytes"] / 2
    assert report["outputs"]["head"]["calibrated"] > 5
    assert all(f"| {name} |" in (out / "report.md").read_text("utf-8") for name in bits)
    again = run(*call, "--json")
    assert again.json == report
    assert "is quantized already" in again.err
    assert "begun with other settings" in run(*call[:4]).err


@pytest.mark.parametrize("ranges", ["learned", "average"])
def test_in_training(run: Run, folder: Path, tmp_path: Path, ranges: str) -> None:
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "int8"
    result = run("quantize", weights, folder, out, "--images", 30, "--ranges", ranges, *QUICK)
    assert result.code == 0, result.err
    before, _ = load_weights(out / "calibrated" / "weights.safetensors")
    after, card = load_weights(out / "weights.safetensors")
    assert card["images"] >= 30
    assert card["quantized"]["trained"] is True
    old, new = before.state_dict(), deepcopy(after.state_dict())
    moved = {name.rpartition(".")[2] for name in new if not torch.equal(old[name], new[name])}
    assert {"weight", "bias", "log_scale", "weight_hh_l0"} <= moved
    assert not {"running_mean", "running_var", "calibrated"} & moved  # norms are folded as they were
    after.train()(torch.randn(2, 1, 32, 48))
    still = all(torch.equal(new[name], tensor) for name, tensor in after.state_dict().items())
    assert still == (ranges == "learned")  # averages move with every batch
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert list(report["variants"]) == ["before", "calibrated", "trained"]
    assert f"teacher: {weights}" in (out / "recipe.yaml").read_text("utf-8")


def test_a_binary_network_reads_in_the_engine_as_it_was_trained(run: Run, folder: Path, tmp_path: Path) -> None:
    weights, out = checkpoint(tmp_path, "binary"), tmp_path / "int8"
    result = run("quantize", weights, folder, out, "--train", "--images", 30, *QUICK)
    assert result.code == 0, result.err
    assert "Next: bitocr export" in result.out
    assert run("export", out / "weights.safetensors", tmp_path / "model.bit").code == 0
    net, card = load_weights(out / "weights.safetensors")
    assert card["network"]["quantize"]["scheme"] == "engine"
    engine = Engine(tmp_path / "model.bit")
    for index in range(4):
        pixels = torch.from_numpy(prepare(_pixels(folder / f"{index}.png")))
        with torch.no_grad():
            logits = net(to_input(pixels[None, None]))
        expected = logits[0].log_softmax(-1).numpy()
        log_probs = engine.logprobs(pixels.numpy())
        assert abs(log_probs - expected).max() < 2e-5
        assert best_path(torch.from_numpy(log_probs)[None], Charset(CHARSET)) == best_path(logits, Charset(CHARSET))


def _pixels(path: Path) -> Any:
    import numpy as np

    return np.asarray(Image.open(path))


def test_stopped_it_goes_on(run: Run, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights, out = checkpoint(tmp_path, "mobile"), tmp_path / "int8"
    call = ("quantize", weights, folder, out, "--train", "--images", 20, *QUICK)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(quantization, "run_recipe", stop)
        stopped = run(*call)
    assert stopped.code == 130
    assert "run the same command again" in stopped.err
    assert not (out / "weights.safetensors").exists()
    calibrated = (out / "calibrated" / "weights.safetensors").stat().st_mtime_ns
    assert run(*call).code == 0
    assert (out / "calibrated" / "weights.safetensors").stat().st_mtime_ns == calibrated


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ("", ("--calibration", "0"), "calibration is a whole number from 1"),
        ("", ("--share", "2"), "share is a number above 0 and at most 1"),
        ("", ("--weights", "3"), "weights is one of 4, 8, not 3"),
        ("", ("--scheme", "engine"), "static or dynamic for a float network, not engine"),
        ("binary", ("--scheme", "static"), "engine for a binary network, not static"),
        ("binary", ("--edges", "4"), "have 8 bits"),
        ("no labels", (), "has no labels.tsv"),
        ("no folder", (), "no such folder, label file or recipe"),
        ("no images", (), "none of its 12 images is there: the first is"),
        ("no pictures", (), ".png"),
        ("not weights", (), "not a weights file of bitocr"),
        ("quantized", (), "is quantized already: quantize what it was made of"),
        ("not finite", (), "not finite"),
    ],
)
def test_wrong_input_is_told_in_a_line(
    run: Run, folder: Path, tmp_path: Path, change: str, options: tuple[str, ...], message: str
) -> None:
    weights = checkpoint(tmp_path, "binary" if change == "binary" else "mobile")
    if change == "no labels":
        (folder / "labels.tsv").unlink()
    elif change == "no folder":
        folder = tmp_path / "elsewhere"
    elif change in ("no images", "no pictures"):
        for image in folder.glob("*.png"):
            image.unlink() if change == "no images" else image.write_text(image.name)
    elif change == "not weights":
        weights.write_bytes(b"\x89BITOCR\n" + bytes(100))
    elif change in ("quantized", "not finite"):
        network = {**MOBILE, "quantize": {"scheme": "dynamic"}} if change == "quantized" else MOBILE
        net = build(network)
        if change == "not finite":
            net.backbone.stem[1].weight.data.fill_(float("nan"))  # type: ignore[union-attr, index]
        save_weights(weights, net, {"network": network, "charset": CHARSET})
    result = run("quantize", weights, folder, tmp_path / "out", *options)
    assert result.code == 2, result.out
    assert message in result.err
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out" / "weights.safetensors").exists()


def test_the_benchmark_fills_its_table(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "benchmarks"))
    script = importlib.import_module("quantization")
    assert len(script.rows_of(False, 20)) == 9
    monkeypatch.setattr("compressions.RUNS", 3)
    monkeypatch.setattr(script, "rows_of", lambda *_: {"static": {}, "4 bits": {"weights": 4, "edges": 4, "lstm": 4}})
    page = tmp_path / "page.md"
    page.write_text(f"before\n{script.BEGIN}\nold\n{script.END}\nafter\n")
    weights = checkpoint(tmp_path, "mobile")
    options = ("--protocol", "line", "--eval", folder, "--doc", page)
    script.main([*map(str, (weights, folder, tmp_path / "rows", *options))])
    assert f"Accuracy on 12 images of {folder.name}" in page.read_text()
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "\n".join(lines[2:-2]) in capsys.readouterr().out
    rows = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in lines if line.startswith("| ")}
    shares = [int(rows[name][2]) for name in ("before", "static", "4 bits")]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] == 100


def recipe(folder: Path, tmp_path: Path, *overrides: str) -> Recipe:
    path = tmp_path / "recipe.yaml"
    path.write_text(
        f"""
out: {tmp_path / "run"}
network: {{arch: mobilenet_crnn, stem: 8, blocks: [[8, [2, 2]], [8, [2, 1]]], neck: {{type: none}}}}
data: {{root: {folder}, sources: [{{path: labels.tsv, weight: 1}}], columns: 256, workers: 0}}
trainer: {{precision: bf16-mixed, accelerator: cpu, devices: 1}}
stages:
  - {{name: float, images: 12}}
  - {{name: int8, images: 12, quantize: {{ranges: average}}, teacher: float, distill: 1.0}}
"""
    )
    return load_recipe(path, overrides)


def test_a_stage_quantizes_what_the_one_before_it_learned(folder: Path, tmp_path: Path) -> None:
    weights = run_recipe(recipe(folder, tmp_path))
    net, card = load_weights(weights)
    assert card["network"]["quantize"]["ranges"] == "average"
    assert card["recipe"]["stages"][0]["quantize"] is None
    layers = quantized_layers(net)  # calibrated on the stage's own data
    assert all(layer.input is not None for layer in layers)
    _, card = load_weights(weights.parents[1] / "float" / "weights.safetensors")
    assert "quantize" not in card["network"]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("stages.1.quantize=8",), "stages.1.quantize is a mapping as in docs/quantization.md"),
        (("stages.1.quantize={weights: 3}",), "quantize.weights is one of 4, 8"),
        (("stages.1.start=scratch",), "stages.1 is quantized from the start: begin with trained weights"),
        (("stages.0.quantize={}",), "stages.0 is quantized from the start"),
    ],
)
def test_stages_that_cannot_be_are_told(folder: Path, tmp_path: Path, overrides: tuple[str, ...], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        run_recipe(recipe(folder, tmp_path, *overrides))
    assert not (tmp_path / "run").exists()
