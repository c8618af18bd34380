"""`bitocr compress`: the steps of a recipe, stopped and resumed, each with the right input."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from bitocr.errors import UsageError
from bitocr.lab.config.compression import Images, Prune, Quantization
from bitocr.lab.jobs import compress as runner
from bitocr.lab.jobs import quantization
from bitocr.lab.jobs.exports import export_files
from bitocr.lab.jobs.plan import load_plan
from bitocr.lab.jobs.summary import origins_of
from bitocr.lab.nn.crnn import build
from bitocr.lab.nn.macs import count_macs
from bitocr.lab.train.weights import load_weights, read_weights, save_weights
from compression_recipes import HALF, MOBILE, recipe_writer
from conftest import CHARSET, Result

Run = Callable[..., Result]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    return recipe_writer(tmp_path)


def stopped_while_training(recipe: Path) -> subprocess.Popen[str]:
    """Runs the recipe in a separate process until its first training, then sends the signal of Ctrl-C."""
    program = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"  # a background job ignores it
        "import sys; from bitocr.cli import run; sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-u", "-c", program, "compress", str(recipe)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "finetuning with" in line:
            break
    process.send_signal(signal.SIGINT)
    return process


def stamps(out: Path) -> dict[str, int]:
    """The time when each result was written."""
    return {
        str(path.relative_to(out)): path.stat().st_mtime_ns
        for pattern in ("*/weights.safetensors", "*.onnx", "report.*")
        for path in out.glob(pattern)
    }


def test_a_compression_is_stopped_and_goes_on(run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    files = {"from": "original", "export": {"float.onnx": "auto"}}
    recipe = write({"half": {**HALF, "export": {"half.onnx": "float"}}, "files": files})
    process = stopped_while_training(recipe)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.splitlines()[-1]) == (130, "stopped: run the same command again to continue")
    out = tmp_path / "out"
    cut = out / "half" / "round-1" / "cut" / "weights.safetensors"
    begun = cut.stat().st_mtime_ns
    assert not (out / "half" / "report.json").exists()

    result = run("compress", recipe)
    assert result.code == 0, result.err
    assert "step 2 of 2: files: export of original" in result.out
    assert cut.stat().st_mtime_ns == begun
    report = json.loads((out / "report.json").read_text())
    variants = {each["name"]: each for each in report["variants"]}
    assert list(variants) == ["mobile/weights.safetensors", "half/weights.safetensors", "half.onnx", "float.onnx"]
    network = read_weights(out / "half" / "weights.safetensors")[1]["network"]
    assert variants["half.onnx"]["multiply_adds"] == count_macs(network, 320)
    assert variants["half.onnx"]["multiply_adds"] <= 0.55 * variants["float.onnx"]["multiply_adds"]
    assert set(variants["half.onnx"]["accuracy"]) == {"held back"}
    assert "half: prune of original: keep 0.5" in (out / "report.html").read_text()
    exported = json.loads((out / "half" / "export.json").read_text())
    assert exported["half.onnx"]["texts_differ"] == 0
    assert exported["half.onnx"]["largest"] < 1e-3

    before = stamps(out)
    again = run("compress", recipe, "--json")
    assert again.json == report
    assert stamps(out) == before
    for change in ("steps.half.stage.lr=0.1", "steps.files.from=half"):
        other = run("compress", recipe, change)
        assert (other.code, "begun with other settings" in other.err) == (2, True)


def test_what_is_not_of_the_same_weights_is_refused_or_made_anew(write: Callable[..., Path], tmp_path: Path) -> None:
    plan = load_plan(str(write({"a": {"export": {"a.onnx": "auto"}}})))
    out, images = tmp_path / "out", [("", np.full((32, 40), 255, np.uint8))]
    runner.begin_step(out / "a", plan.steps[0].begun_with(), plan.checkpoint)
    made = export_files(plan.checkpoint, {"a.onnx": "auto"}, images, out, out / "a")["a.onnx"]
    (out / "a.onnx").write_bytes(b"of another step")
    assert export_files(plan.checkpoint, {"a.onnx": "auto"}, images, out, out / "a")["a.onnx"] == made
    assert (out / "a.onnx").stat().st_size == made["bytes"]

    net, card = load_weights(plan.checkpoint)
    net.head.bias.data += 1
    save_weights(plan.checkpoint, net, card)
    with pytest.raises(UsageError, match=r"a was made from other weights than .*weights.safetensors: remove it"):
        runner.begin_step(out / "a", plan.steps[0].begun_with(), plan.checkpoint)


def test_steps_work_on_what_they_are_from(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {**MOBILE, "blocks": [[8, [2, 2]], [8, [2, 1]]]}
    student = {"network": network, "stages": [{"name": "small", "images": 20}]}
    steps = {
        "small": {"distill": student},
        "further": {"distill": {"stages": [{"name": "more", "images": 20, "teacher": ["original", "small"]}]}},
        "int8": {"quantize": {"images": 20}, "stage": {"teacher": "original"}},
        "half": {"from": "small", "prune": {**HALF["prune"], "keep": 0.7, "multiple": 2, "images": 0}},
    }
    sets = [{"path": "shop/labels.tsv", "protocol": protocol, "name": protocol} for protocol in ("scene", "line")]
    path = write(steps, report={"sets": sets})
    measured: list[Any] = []
    monkeypatch.setattr(runner, "write_summary", lambda *arguments: measured.append(arguments))
    runner.compress(load_plan(str(path), [f"data.root={tmp_path}"]), lambda *_: None)

    _, weights, measured_sets, _ = measured[0]
    assert [each["protocol"] for each in measured_sets] == ["scene", "line"]
    blocks = {name: [out for out, _ in read_weights(file)[1]["network"]["blocks"]] for name, file in weights.items()}
    assert blocks["original"] == [16, 16]
    assert blocks["small"] == blocks["further"] == blocks["int8"] == [8, 8]
    assert sum(blocks["half"]) < 16
    trained = yaml.safe_load((tmp_path / "out" / "further" / "recipe.yaml").read_text())["stages"][0]
    assert trained["start"] == str(weights["small"])
    assert trained["teacher"] == [str(weights["original"]), str(weights["small"])]
    assert read_weights(weights["int8"])[1]["network"]["quantize"]["scheme"] == "static"
    assert list(json.loads((tmp_path / "out" / "small" / "report.json").read_text())["variants"]) == [
        "teacher", "student"
    ]  # fmt: skip


def test_sets_of_one_name_are_refused_before_any_step(write: Callable[..., Path], tmp_path: Path) -> None:
    sets = [{"path": str(tmp_path / "shop" / "labels.tsv"), "protocol": protocol} for protocol in ("scene", "line")]
    plan = load_plan(str(write({"half": HALF}, report={"sets": sets})))
    with pytest.raises(UsageError, match="two sets of images are called 'shop'"):
        runner.compress(plan, lambda *_: None)
    assert not (plan.out / "half").exists()


def test_a_quantized_checkpoint_is_measured_by_what_is_made_of_it(write: Callable[..., Path], tmp_path: Path) -> None:
    steps = {"int8": {"quantize": {}}, "other": {"from": "original", "quantize": {}, "export": {"int8.onnx": "int8"}}}
    plan = load_plan(str(write(steps)))
    weights = {"original": plan.checkpoint}
    quantized = {**MOBILE, "classes": len(CHARSET) + 1, "quantize": {}}
    for name in steps:
        weights[name] = tmp_path / name / "weights.safetensors"
        save_weights(weights[name], build(quantized), {"network": quantized, "charset": CHARSET})
    origins = origins_of(plan, weights)
    assert [file.name for file in origins] == ["weights.safetensors", "weights.safetensors", "int8.onnx"]
    assert list(origins.values()) == [weights["original"], weights["int8"], weights["other"]]


def test_own_images_calibrate_in_every_way(write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "write_summary", lambda *_: {})
    counts: list[int] = []
    calibrate = quantization.calibrate

    def counted(net: Any, images: Any, observer: str) -> None:
        counts.append(sum(map(len, images)))
        calibrate(net, images, observer)

    monkeypatch.setattr(quantization, "calibrate", counted)
    plan = load_plan(str(write({"int8": {"quantize": {"calibration": 5}}})))
    runner.compress(plan, lambda *_: None)
    images = Images(path=plan.settings.data.path)
    report = runner.compress_once(
        Quantization(calibration=4), plan.settings.checkpoint, images, str(plan.out.parent / "alone")
    )
    assert counts == [5, 4]
    assert (report["way"]["calibration"], report["way"]["share"]) == (4, 0.5)


@pytest.mark.parametrize(
    ("options", "images", "message"),
    [
        (Prune(keep=2), Images(path="."), "keep is a number above 0 and below 1, not 2"),
        (Quantization(lstm=5), Images(path="."), "lstm is one of 4, 8, not 5"),  # type: ignore[arg-type]
        (Prune(), Images(path=".", share=0), "share is a number above 0 and at most 1, not 0"),
    ],
)
def test_settings_made_in_python_are_checked(
    tmp_path: Path, options: Prune | Quantization, images: Images, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        runner.compress_once(options, "weights.safetensors", images, str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()
