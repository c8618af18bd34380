"""`bitocr compress`: a row of steps, stopped and gone on with; recipes that cannot be."""

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

torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.compress import compress as row  # noqa: E402
from bitocr.lab.compress.deliver import deliver  # noqa: E402
from bitocr.lab.compress.macs import count_macs  # noqa: E402
from bitocr.lab.compress.recipe import load_recipe  # noqa: E402
from bitocr.lab.compress.summary import origins_of  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.weights import load_weights, read_weights, save_weights  # noqa: E402
from conftest import CHARSET, Result  # noqa: E402
from labelled import write_pictures  # noqa: E402

Run = Callable[..., Result]
TEXTS = ["Tea", "Bread", "12 eggs", "Milk", "Oats", "Rye", "Flour", "3,50", "Salt", "Rice", "Jam", "Oil"]
MOBILE = {
    "arch": "mobilenet_crnn",
    "stem": 8,
    "blocks": [[16, [2, 2]], [16, [2, 1]]],
    "neck": {"type": "bilstm", "hidden": 8},
}
DATA = {"share": 1, "columns": 256, "workers": 0}
HALF = {"prune": {"keep": 0.5, "by": "even", "multiple": 4, "images": 100}}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a checkpoint, twelve pictures, and a recipe with these steps and keys, whose path it gives."""
    write_pictures(tmp_path / "shop", TEXTS)
    torch.manual_seed(0)
    weights = tmp_path / "mobile" / "weights.safetensors"
    config = {**MOBILE, "classes": len(CHARSET) + 1}
    save_weights(weights, build(config), {"name": "mobile", "network": config, "charset": CHARSET})

    def write(steps: Any, **keys: Any) -> Path:
        recipe = {
            "out": str(tmp_path / "out"),
            "checkpoint": str(weights),
            "data": {"path": str(tmp_path / "shop"), **DATA},
            "trainer": {"precision": "32-true"},
            "steps": steps,
            "report": {"rounds": 1},
            **keys,
        }
        path = tmp_path / "recipe.yaml"
        path.write_text(yaml.safe_dump(recipe, sort_keys=False))
        return path

    return write


def stopped_while_training(recipe: Path) -> subprocess.Popen[str]:
    """Runs the recipe in a process of its own until its first training, then sends what Ctrl-C sends."""
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
    """When each result was written."""
    return {
        str(path.relative_to(out)): path.stat().st_mtime_ns
        for pattern in ("*/weights.safetensors", "*.onnx", "report.*")
        for path in out.glob(pattern)
    }


def test_a_row_is_stopped_and_goes_on(run: Run, write: Callable[..., Path], tmp_path: Path) -> None:
    files = {"from": "original", "export": {"float.onnx": "auto"}}
    recipe = write({"half": {**HALF, "export": {"half.onnx": "float"}}, "files": files})
    process = stopped_while_training(recipe)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.splitlines()[-1]) == (130, "stopped: the same command goes on where it was")
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
    recipe = load_recipe(str(write({"a": {"export": {"a.onnx": "auto"}}})))
    out, images = tmp_path / "out", [("", np.full((32, 40), 255, np.uint8))]
    row.begin_step(out / "a", recipe.steps[0], recipe.checkpoint)
    made = deliver(recipe.checkpoint, {"a.onnx": "auto"}, images, out, out / "a")["a.onnx"]
    (out / "a.onnx").write_bytes(b"of another step")
    assert deliver(recipe.checkpoint, {"a.onnx": "auto"}, images, out, out / "a")["a.onnx"] == made
    assert (out / "a.onnx").stat().st_size == made["bytes"]

    net, card = load_weights(recipe.checkpoint)
    net.head.bias.data += 1
    save_weights(recipe.checkpoint, net, card)
    with pytest.raises(UsageError, match=r"a was made of other weights than .*weights.safetensors: remove it"):
        row.begin_step(out / "a", recipe.steps[0], recipe.checkpoint)


def test_steps_work_on_what_they_are_from(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = {**MOBILE, "blocks": [[8, [2, 2]], [8, [2, 1]]]}
    student = {"network": network, "stages": [{"name": "small", "images": 20}]}
    steps = {
        "small": {"distil": student},
        "further": {"distil": {"stages": [{"name": "more", "images": 20, "teacher": ["original", "small"]}]}},
        "int8": {"quantize": {"images": 20}, "stage": {"teacher": "original"}},
        "half": {"from": "small", "prune": {**HALF["prune"], "keep": 0.7, "multiple": 2, "images": 0}},
    }
    sets = [{"path": "shop/labels.tsv", "protocol": protocol, "name": protocol} for protocol in ("scene", "line")]
    path = write(steps, report={"sets": sets})
    measured: list[Any] = []
    monkeypatch.setattr(row, "write_summary", lambda *arguments: measured.append(arguments))
    row.compress(load_recipe(str(path), [f"data.root={tmp_path}"]), lambda *_: None)

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
    recipe = load_recipe(str(write({"half": HALF}, report={"sets": sets})))
    with pytest.raises(UsageError, match="two sets of images are called 'shop'"):
        row.compress(recipe, lambda *_: None)
    assert not (recipe.out / "half").exists()


def test_a_quantized_checkpoint_is_measured_by_what_is_made_of_it(write: Callable[..., Path], tmp_path: Path) -> None:
    steps = {"int8": {"quantize": {}}, "other": {"from": "original", "quantize": {}, "export": {"int8.onnx": "int8"}}}
    recipe = load_recipe(str(write(steps)))
    weights = {"original": recipe.checkpoint}
    quantized = {**MOBILE, "classes": len(CHARSET) + 1, "quantize": {}}
    for name in steps:
        weights[name] = tmp_path / name / "weights.safetensors"
        save_weights(weights[name], build(quantized), {"network": quantized, "charset": CHARSET})
    origins = origins_of(recipe, weights)
    assert [file.name for file in origins] == ["weights.safetensors", "weights.safetensors", "int8.onnx"]
    assert list(origins.values()) == [weights["original"], weights["int8"], weights["other"]]


def test_the_checkpoint_may_be_trained_first(write: Callable[..., Path], tmp_path: Path) -> None:
    training = tmp_path / "training.yaml"
    training.write_text(
        yaml.safe_dump(
            {
                "network": MOBILE,
                "data": {"sources": [{"path": "labels.tsv", "weight": 1}], "columns": 256},
                "validation": [{"path": "labels.tsv", "protocol": "line"}],
                "stages": [{"name": "float", "images": 12}],
            }
        )
    )
    path = write(
        {"files": {"export": {"float.onnx": "auto"}}},
        checkpoint=str(training),
        data={"path": str(training), "root": str(tmp_path / "shop"), "workers": 0},
    )
    recipe = load_recipe(str(path))
    recipe.out.mkdir()
    weights = row.original(recipe)
    assert weights == tmp_path / "out" / "original" / "float" / "weights.safetensors"
    written = weights.stat().st_mtime_ns
    assert row.original(recipe).stat().st_mtime_ns == written
    assert read_weights(weights)[1]["images"] >= 12


def test_a_recipe_of_the_checkpoint_keeps_its_own_root(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = tmp_path / "training.yaml"
    training.write_text(yaml.safe_dump({"network": MOBILE, "data": {"root": "elsewhere"}}))
    recipes: list[Any] = []
    monkeypatch.setattr(row, "run_recipe", recipes.append)
    path = write({"files": {"export": {"float.onnx": "auto"}}}, checkpoint=str(training))
    for overrides in ([], ["data.root=here"]):
        recipe = load_recipe(str(path), overrides)
        recipe.out.mkdir(exist_ok=True)
        row.original(recipe)
    assert [recipe["data"]["root"] for recipe in recipes] == ["elsewhere", str(Path("here").resolve())]


@pytest.mark.parametrize(
    ("steps", "keys", "message"),
    [
        ({}, {}, "steps: there is none"),
        ({"a": {"prun": {}}}, {}, "steps.a: unknown step key 'prun'"),
        ({"a": {}}, {}, "steps.a does nothing"),
        ({"a": {"prune": None, "stage": None, "export": None}}, {}, "steps.a does nothing"),
        ({"a": 3}, {}, "steps.a is a mapping"),
        ({"a.b": HALF}, {}, "a step's name has letters"),
        ({"original": HALF}, {}, "is not original"),
        ({"a": {"prune": {}, "quantize": {}}}, {}, "steps.a does both prune and quantize"),
        ({"a": {"prune": 0.5}}, {}, "steps.a.prune is a mapping"),
        ({"a": {"prune": {"kept": 0.5}}}, {}, "unknown prune key 'kept'"),
        ({"a": {"prune": {"data": "x"}}}, {}, "unknown prune key 'data'"),
        ({"a": {"prune": {"keep": "half"}}}, {}, "steps.a.prune: keep is a number, not 'half'"),
        ({"a": {"quantize": {"images": 0.5}}}, {}, "steps.a.quantize: images is a whole number, not 0.5"),
        ({"a": {"quantize": {"observer": "best"}}}, {}, "observer is one of"),
        ({"a": {"quantize": {"lstm": 5}}}, {}, "steps.a.quantize: quantize.lstm is one of 4, 8, not 5"),
        ({"a": {"quantize": {"scheme": "engine"}}}, {}, "quantize.scheme is static or dynamic for a float network"),
        ({"a": {"distil": {"network": {"arch": "lenet"}}}}, {}, "steps.a.distil: unknown arch 'lenet'"),
        ({"a": {"distil": {"stages": [{"quantize": {"bits": 8}}]}}}, {}, "unknown quantize key 'bits'"),
        ({"a": {"quantize": {}}, "b": {"distil": {}}, "c": HALF}, {}, "steps.c: b is quantized already"),
        ({"a": {"from": "b", "prune": {}}, "b": HALF}, {}, "steps.a.from is one of original, not 'b'"),
        ({"a": {"quantize": {}}, "b": HALF}, {}, "steps.b: a is quantized already: prune comes before quantize"),
        ({"a": {"quantize": {}}, "b": {"quantize": {}}}, {}, "quantize what it was made of"),
        ({"a": {**HALF, "stage": {"depth": 3}}}, {}, "unknown stage key 'depth'"),
        ({"a": {**HALF, "stage": {"teacher": "b"}}}, {}, "'b' is none of original"),
        ({"a": {"distil": {"stages": []}}}, {}, "steps.a.distil.stages is a list"),
        ({"a": {"distil": {}, "stage": {"lr": 1}}}, {}, "steps.a.stage is for prune and quantize"),
        ({"a": {"export": {"a.txt": "auto"}}}, {}, "steps.a.export: a.txt: the name must end in .bit, .onnx or .mnn"),
        ({"a": {"export": {"b/a.onnx": "auto"}}}, {}, "b/a.onnx is a file's name, without a folder"),
        (
            {"a": {"export": {"a.onnx": "half"}}},
            {},
            "a .onnx has the precision auto or float or int8, not half",
        ),
        ({"a": {"export": {"a.onnx": "int8"}}}, {}, "what it is exported from is not quantized"),
        (
            {"a": {"distil": {"network": {"arch": "bit_crnn"}}, "export": {"a.mnn": "half"}}},
            {},
            "a.mnn is to be half, but its network is binary: take packed",
        ),
        ({n: {"export": {"a.onnx": "auto"}} for n in "ab"}, {}, "an earlier step writes a.onnx already"),
        ({"a": HALF}, {"checkpoint": None}, "checkpoint is a weights.safetensors, or a recipe"),
        ({"a": HALF}, {"checkpoint": "none.safetensors"}, "none.safetensors: no such weights file"),
        ({"a": HALF}, {"data": {}}, "data.path is a label file, its folder, or a recipe"),
        ({"a": HALF}, {"data": {"path": "nowhere"}}, "nowhere: no such folder, label file or recipe"),
        ({"a": HALF}, {"data": {"path": ".", "share": 2}}, "share is a share above 0"),
        ({"a": HALF}, {"data": {"path": ".", "depth": 2}}, "unknown data key 'depth'"),
        ({"a": HALF}, {"data": {"path": ".", "columns": "many"}}, "data.columns is a whole number from 1"),
        ({"a": HALF}, {"report": {"rounds": 0}}, "report.rounds is a whole number from 1"),
        ({"a": HALF}, {"report": {"sets": [{"path": "x"}]}}, "report.sets is a list"),
        ({"a": HALF}, {"report": {"sets": [{"path": "x", "protocol": "line"}]}}, "x: no such file or folder"),
        ({"a": HALF}, {"networks": {}}, "unknown recipe key 'networks'"),
        ([1], {}, "steps is a mapping"),
    ],
)
def test_a_wrong_recipe_is_told_in_a_line(
    run: Run, write: Callable[..., Path], tmp_path: Path, steps: Any, keys: dict[str, Any], message: str
) -> None:
    result = run("compress", write(steps, **keys))
    assert (result.code, result.out) == (2, "")
    assert message in result.err
    assert result.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.yaml",), "none.yaml: no such recipe: give a YAML file as in docs/compress.md, or one of binary, float"),
        (("float",), "checkpoint is a weights.safetensors"),
        (("float", "steps.pruned.depth=1"), "steps.pruned: unknown step key 'depth'"),
        (("float", "steps.small.prune.keep=1"), "'steps.small.prune.keep' is not in the recipe"),
    ],
)
def test_wrong_arguments_are_told_in_a_line(
    run: Run, write: Callable[..., Path], arguments: tuple[str, ...], message: str
) -> None:
    given = yaml.safe_load(write({"a": HALF}).read_text())
    own = (
        (f"checkpoint={given['checkpoint']}", f"data.path={given['data']['path']}") if "steps" in arguments[-1] else ()
    )
    result = run("compress", *arguments, *own)
    assert result.code == 2
    assert message in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize("recipe", [Path("configs") / "compress-mobilenet.yaml", "float"])
def test_recipes_that_come_with_it_can_be_run(write: Callable[..., Path], tmp_path: Path, recipe: Path | str) -> None:
    """As far as loading goes, with a checkpoint and images of one's own."""
    pytest.importorskip("MNN")
    given = yaml.safe_load(write({"a": HALF}).read_text())
    path = recipe if isinstance(recipe, str) else str(Path(__file__).parents[1] / recipe)
    own = (f"checkpoint={given['checkpoint']}", f"data.path={given['data']['path']}", "report.sets=[]")
    steps = {step.name: step for step in load_recipe(path, own).steps}
    assert [steps[name].verb for name in ("pruned", "pruned-int8", "int8")] == ["prune", "quantize", "quantize"]
    assert (steps["pruned-int8"].source, steps["int8"].source) == ("pruned", "original")
    assert steps["pruned-int8"].export["pruned-int8.mnn"] == "int8"
