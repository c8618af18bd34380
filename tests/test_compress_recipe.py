"""Recipes of `bitocr compress`: the checkpoint may be a recipe too; wrong ones give one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from bitocr.lab.jobs import compress as runner
from bitocr.lab.jobs.plan import load_plan
from bitocr.lab.train.weights import read_weights
from compression_recipes import HALF, MOBILE, recipe_writer
from conftest import Result

Run = Callable[..., Result]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    return recipe_writer(tmp_path)


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
    plan = load_plan(str(path))
    plan.out.mkdir()
    weights = runner.original(plan)
    assert weights == tmp_path / "out" / "original" / "float" / "weights.safetensors"
    written = weights.stat().st_mtime_ns
    assert runner.original(plan).stat().st_mtime_ns == written
    assert read_weights(weights)[1]["images"] >= 12


def test_a_recipe_of_the_checkpoint_keeps_its_own_root(
    write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = tmp_path / "training.yaml"
    training.write_text(yaml.safe_dump({"network": MOBILE, "data": {"root": "elsewhere"}}))
    recipes: list[Any] = []
    monkeypatch.setattr(runner, "run_recipe", recipes.append)
    path = write({"files": {"export": {"float.onnx": "auto"}}}, checkpoint=str(training))
    for overrides in ([], ["data.root=here"]):
        plan = load_plan(str(path), overrides)
        plan.out.mkdir(exist_ok=True)
        runner.original(plan)
    assert [recipe.data.root for recipe in recipes] == ["elsewhere", str(Path("here").resolve())]


@pytest.mark.parametrize(
    ("steps", "keys", "message"),
    [
        ({}, {}, "steps: there is none"),
        ({"a": {"prun": {}}}, {}, "unknown key steps.a.prun; a step has from, distill"),
        ({"a": {}}, {}, "steps.a does nothing"),
        ({"a": {"prune": None, "stage": None, "export": None}}, {}, "steps.a does nothing"),
        ({"a": 3}, {}, "steps.a is a mapping"),
        ({"a.b": HALF}, {}, "a step's name has letters"),
        ({"original": HALF}, {}, "is not original"),
        ({"a": {"prune": {}, "quantize": {}}}, {}, "steps.a does both prune and quantize"),
        ({"a": {"prune": 0.5}}, {}, "steps.a.prune is a mapping"),
        ({"a": {"prune": {"kept": 0.5}}}, {}, "unknown key steps.a.prune.kept"),
        ({"a": {"prune": {"data": "x"}}}, {}, "unknown key steps.a.prune.data"),
        ({"a": {"prune": {"keep": "half"}}}, {}, "steps.a.prune.keep is a number above 0 and below 1, not 'half'"),
        ({"a": {"quantize": {"images": 0.5}}}, {}, "steps.a.quantize.images is a whole number from 0"),
        ({"a": {"quantize": {"observer": "best"}}}, {}, "observer is one of"),
        ({"a": {"quantize": {"lstm": 5}}}, {}, "steps.a.quantize.lstm is one of 4, 8, not 5"),
        ({"a": {"quantize": {"scheme": "engine"}}}, {}, "quantize.scheme is static or dynamic for a float network"),
        ({"a": {"distill": {"network": {"arch": "lenet"}}}}, {}, "steps.a.distill.network.arch is one of"),
        (
            {"a": {"distill": {"stages": [{"quantize": {"bits": 8}}]}}},
            {},
            "unknown key steps.a.distill.stages.0.quantize.b",
        ),
        ({"a": {"quantize": {}}, "b": {"distill": {}}, "c": HALF}, {}, "steps.c.prune: b is quantized already"),
        ({"a": {"from": "b", "prune": {}}, "b": HALF}, {}, "steps.a.from is one of original, not 'b'"),
        ({"a": {"quantize": {}}, "b": HALF}, {}, "steps.b.prune: a is quantized already: prune what it was made of"),
        ({"a": {"quantize": {}}, "b": {"quantize": {}}}, {}, "quantize what it was made of"),
        ({"a": {**HALF, "stage": {"depth": 3}}}, {}, "unknown key steps.a.stage.depth"),
        ({"a": {**HALF, "stage": {"teacher": "b"}}}, {}, "'b' is none of original"),
        ({"a": {"distill": {"stages": []}}}, {}, "steps.a.distill.stages is a list"),
        ({"a": {"distill": {}, "stage": {"lr": 1}}}, {}, "steps.a.stage is for prune and quantize"),
        ({"a": {"export": {"a.txt": "auto"}}}, {}, "steps.a.export: a.txt: the name must end in .bit, .onnx or .mnn"),
        ({"a": {"export": {"b/a.onnx": "auto"}}}, {}, "b/a.onnx is a file's name, without a folder"),
        (
            {"a": {"export": {"a.onnx": "half"}}},
            {},
            "a .onnx has the precision auto or float or int8, not half",
        ),
        ({"a": {"export": {"a.onnx": "int8"}}}, {}, "what it is exported from is not quantized"),
        (
            {"a": {"distill": {"network": {"arch": "bit_crnn"}}, "export": {"a.mnn": "half"}}},
            {},
            "a.mnn is to be half, but its network is binary: take packed",
        ),
        ({n: {"export": {"a.onnx": "auto"}} for n in "ab"}, {}, "an earlier step writes a.onnx already"),
        ({"a": HALF}, {"checkpoint": None}, "checkpoint is a weights.safetensors, or a recipe"),
        ({"a": HALF}, {"checkpoint": "none.safetensors"}, "none.safetensors: no such weights file"),
        ({"a": HALF}, {"data": {}}, "data.path is missing: it is a label file, its folder, or a recipe"),
        ({"a": HALF}, {"data": {"path": "nowhere"}}, "nowhere: no such folder, label file or recipe"),
        ({"a": HALF}, {"data": {"path": ".", "share": 2}}, "data.share is a number above 0"),
        ({"a": HALF}, {"data": {"path": ".", "depth": 2}}, "unknown key data.depth"),
        ({"a": HALF}, {"data": {"path": ".", "columns": "many"}}, "data.columns is a whole number from 1"),
        ({"a": HALF}, {"report": {"rounds": 0}}, "report.rounds is a whole number from 1"),
        ({"a": HALF}, {"report": {"sets": [{"path": "x"}]}}, "report.sets.0.protocol is missing: it is one of"),
        ({"a": HALF}, {"report": {"sets": [{"path": "x", "protocol": "line"}]}}, "x: no such file or folder"),
        ({"a": HALF}, {"networks": {}}, "unknown key networks"),
        ({"a": HALF}, {"trainer": {"gpus": 1}}, "unknown key trainer.gpus"),
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
        (("float", "steps.pruned.depth=1"), "unknown key steps.pruned.depth"),
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
    """Loads it, with a checkpoint and images, without running it."""
    pytest.importorskip("MNN")
    given = yaml.safe_load(write({"a": HALF}).read_text())
    path = recipe if isinstance(recipe, str) else str(Path(__file__).parents[1] / recipe)
    own = (f"checkpoint={given['checkpoint']}", f"data.path={given['data']['path']}", "report.sets=[]")
    steps = {step.name: step for step in load_plan(path, own).steps}
    assert [steps[name].kind for name in ("pruned", "pruned-int8", "int8")] == ["prune", "quantize", "quantize"]
    assert (steps["pruned-int8"].source, steps["int8"].source) == ("pruned", "original")
    assert steps["pruned-int8"].export["pruned-int8.mnn"] == "int8"
