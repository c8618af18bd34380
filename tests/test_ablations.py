"""The ablations' tables: every row is a training that could begin, and the report says what was measured."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from bitocr.lab.nn.crnn import build
from bitocr.lab.train.config import load_recipe, network_config
from bitocr.lab.train.stages import load_stages
from bitocr.lab.train.task import RecognitionTask

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))

from ablations import OPTIONS  # type: ignore[import-not-found]  # noqa: E402
from ablations_bench import Bench  # type: ignore[import-not-found]  # noqa: E402
from ablations_report import command_of, write_report  # type: ignore[import-not-found]  # noqa: E402
from ablations_rows import GROUPS  # type: ignore[import-not-found]  # noqa: E402

ROWS = [pytest.param(row, id=f"{group}-{name}") for group, rows in GROUPS.items() for name, row in rows.items()]


def bench(folder: Path) -> Any:
    recipe = load_recipe(ROOT / "configs" / "ablations.yaml", [f"out={folder}", "validation=[]"])
    recipe["data"]["sources"] = [{"path": str(folder / "words"), "weight": 1.0}]
    (folder / "twin").mkdir(exist_ok=True)
    (folder / "twin" / "weights.safetensors").write_bytes(b"twin")
    return Bench(recipe, 1000)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_can_begin(tmp_path: Path, row: Any) -> None:
    recipe = bench(tmp_path).recipe_of(row)
    assert sum(stage["images"] for stage in row.stages) == 1
    teacher = build(network_config(recipe, recipe["stages"][0]))
    for given in row.stages:
        stage = load_stages("row", [{**given, "images": 1}])[0]
        assert RecognitionTask(build(network_config(recipe, stage)), stage, [teacher], {}).configure_optimizers()
    assert row.stages[-1]["stage"] == "both"


def test_rows_that_are_the_same_are_trained_once(tmp_path: Path) -> None:
    here = bench(tmp_path)
    keys = {(group, name): here.key(row, 0) for group, rows in GROUPS.items() for name, row in rows.items()}
    same = {keys["distillation", "logits"], keys["steps", "one: both at once"], keys["clip", "1"]}
    assert len(same) == 1
    assert keys["binarizer", "reactnet"] == keys["neck", "BiLSTM"]
    assert len(set(keys.values())) == len(keys) - 3
    row = GROUPS["clip"]["1"]
    assert here.key(row, 1) != here.key(row, 0)
    before = here.key(row, 0)
    here.code = "other code"
    assert here.key(row, 0) != before
    here = bench(tmp_path)
    assert here.key(row, 0) == before
    here.twin.write_bytes(b"another twin")
    assert here.key(row, 0) != before


def result(accuracy: float, seconds: float = 10, **more: str) -> dict[str, Any]:
    scores = {f"{name} {what}": accuracy for name in ("IIIT5K", "validation") for what in ("accuracy", "cer")}
    return {**scores, "seconds": seconds, **more}


def test_the_report_has_means_each_seed_and_times(tmp_path: Path) -> None:
    results = {("neck", "BiLSTM"): [result(0.5), result(0.6, 30)], ("neck", "none"): [result(0.25, 15)]}
    write_report(results, ["a fact"], tmp_path, "python benchmarks/ablations.py{} --data DIR")
    text = (tmp_path / "ablations.md").read_text()
    assert "| BiLSTM | 55.0 (50.0, 60.0) |" in text
    assert "| none | 25.0 | 25.0 | 25.0 | 25.0 | 0.8 |" in text
    assert "- a fact" in text
    assert "ablations.py --data DIR" in text
    assert "ablations.py neck --data DIR" in text
    assert "## Clip" not in text
    assert (tmp_path / "ablations.png").stat().st_size > 1000


@pytest.mark.parametrize(
    ("codes", "said", "unsaid"),
    [
        (["0.6.0+abc", "0.6.0+abc"], ["Trained by 0.6.0+abc."], ["of one group only", "clamped"]),
        (["0.1.0+abc", "0.6.0+abc"], ["Trained by 0.1.0+abc. Then latent", "of one group only"], []),
        ([None, "0.6.0+abc"], ["Trained by code that was not recorded.", "of one group only"], ["clamped"]),
    ],
)
def test_the_report_names_the_code(tmp_path: Path, codes: list[Any], said: list[str], unsaid: list[str]) -> None:
    first, second = (result(0.5, **({"code": code} if code else {})) for code in codes)
    write_report({("neck", "none"): [first], ("clip", "1"): [second]}, [], tmp_path, "")
    text = (tmp_path / "ablations.md").read_text()
    assert all(part in text for part in said)
    assert not any(part in text for part in unsaid)


def test_the_command_has_the_options_that_were_given() -> None:
    assert command_of(Namespace(**OPTIONS), OPTIONS) == "python benchmarks/ablations.py{} --data DIR"
    given = Namespace(**{**OPTIONS, "twin_images": 5, "report": Path("docs")})
    assert command_of(given, OPTIONS) == "python benchmarks/ablations.py{} --data DIR --twin-images 5 --report docs"
