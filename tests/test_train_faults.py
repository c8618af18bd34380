"""Trainings that cannot start or resume, each with a one-line error; and logs that survive damage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import BitocrError  # noqa: E402
from bitocr.lab.config.data import Source  # noqa: E402
from bitocr.lab.data.charset import ENGLISH, Charset  # noqa: E402
from bitocr.lab.data.stream import TextStream  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.card import card_of  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.log import append_row, draw_curves, read_log  # noqa: E402
from bitocr.lab.train.run import read_checkpoint, run_recipe  # noqa: E402
from bitocr.lab.train.task import RecognitionTask  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402
from networks import complete  # noqa: E402

NETWORK: dict[str, Any] = {"blocks": [[32, [2, 2]]], "neck": {"type": "none"}}


def run_with(folder: Path, *overrides: str) -> None:
    path = folder / "recipe.yaml"
    path.write_text(
        f"""
out: {folder / "run"}
network: {{blocks: [[32, [2, 2]]], neck: {{type: none}}}}
data: {{workers: 0, root: {folder}}}
trainer: {{precision: 32-true, accelerator: cpu, devices: 1}}
stages: [{{name: float, stage: float}}]
"""
    )
    run_recipe(load_recipe(path, overrides))


def write_weights(path: Path, charset: str = ENGLISH, **network: Any) -> None:
    config = complete({**NETWORK, "classes": len(charset) + 1, **network})
    save_weights(path, build(config), {"network": config, "charset": charset})


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trainer.precision=half", "trainer: Precision 'half' is invalid"),
        ("trainer.accelerator=quantum", "trainer: .*quantum"),
        ("trainer.nonsense=1", "recipe.yaml: unknown key trainer.nonsense; trainer has precision"),
        ("trainer.callbacks=[]", "unknown key trainer.callbacks"),
        ("stages.0.start=nobody", "neither a finished stage"),
        ("data={workers: 2, sources: [{path: none.tsv, weight: 1}]}", "none.tsv: No such file"),
        ("stages.0.start=FOLDER/digits", "digits: made for another charset"),
        ("stages.0.teacher=FOLDER/digits", "digits: made for another charset"),
        ("stages.0.start=FOLDER/shuffled", "shuffled: made for another charset"),
        ("charset=abc", "too few of the characters in rendered text"),
        ("stages.0.start=FOLDER/wide", "wide: its weights are not those of this network: size mismatch for"),
        ("stages.0.teacher=FOLDER/fine", "a step every 2 columns cannot teach one with every 4"),
    ],
)
def test_a_training_that_cannot_begin(tmp_path: Path, override: str, message: str) -> None:
    write_weights(tmp_path / "digits", "0123456789")
    write_weights(tmp_path / "shuffled", ENGLISH[::-1])
    write_weights(tmp_path / "wide", blocks=[[64, [2, 2]]])
    write_weights(tmp_path / "fine", blocks=[[32, [2, 1]]])
    with pytest.raises(BitocrError, match=message) as caught:
        run_with(tmp_path, override.replace("FOLDER", str(tmp_path)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda path: path.write_bytes(b""), "not a whole checkpoint"),
        (lambda path: path.write_text("hello"), "not a whole checkpoint"),
        (lambda path: torch.save([1], path), "not a whole checkpoint"),
        (lambda path: torch.save({"seen": 7, "card": {"network": {}}}, path), "of another network"),
        (lambda path: torch.save({"seen": 7, "card": {"charset": "ab"}}, path), "of another charset"),
    ],
)
def test_a_checkpoint_that_cannot_be_used(tmp_path: Path, write: Callable[[Path], Any], message: str) -> None:
    last = tmp_path / "run" / "float" / "last.ckpt"
    last.parent.mkdir(parents=True)
    write(last)
    with pytest.raises(BitocrError, match=rf"last\.ckpt: {message}.*remove it"):
        run_with(tmp_path)


def test_checkpoints_say_how_they_were_made(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text("name: mine\nnetwork: {blocks: [[32, [2, 2]]], neck: {type: none}}")
    recipe = load_recipe(tmp_path / "recipe.yaml")
    card = card_of(recipe, recipe.stages[0])
    task = RecognitionTask(build(card["network"]), recipe.stages[0], [], card)
    task.seen = 12
    checkpoint: dict[str, Any] = {}
    task.on_save_checkpoint(checkpoint)
    assert {key: checkpoint["card"][key] for key in ("name", "images", "charset")} == {
        "name": "mine",
        "images": 12,
        "charset": Charset().characters,
    }
    assert {"data", "recipe", "code", "network"} <= set(checkpoint["card"])
    torch.save(checkpoint, tmp_path / "last.ckpt")
    assert read_checkpoint(tmp_path / "last.ckpt", card) == 12
    torch.save({"seen": 9}, tmp_path / "last.ckpt")  # as written before there were cards
    assert read_checkpoint(tmp_path / "last.ckpt", card) == 9


def test_cards_do_not_tell_where_files_lay(tmp_path: Path) -> None:
    (tmp_path / "recipe.yaml").write_text(
        f"""
data: {{root: {tmp_path}, sources: [{{path: {tmp_path}/signs/labels.tsv, weight: 1}}, {{path: more, weight: 1}}]}}
stages: [{{start: {tmp_path}/old/float/weights.safetensors, teacher: [{tmp_path}/a.safetensors, float], distill: 1}}]
"""
    )
    recipe = load_recipe(tmp_path / "recipe.yaml")
    card = card_of(recipe, recipe.stages[0])
    assert str(tmp_path) not in json.dumps(card)
    assert [source["path"] for source in card["data"]] == ["signs/labels.tsv", "more"]
    assert card["recipe"]["stages"][0]["start"] == "float/weights.safetensors"
    assert card["recipe"]["stages"][0]["teacher"] == [f"{tmp_path.name}/a.safetensors", "float"]
    assert str(tmp_path) in recipe.stages[0].start


def test_sources_are_read_before_there_are_workers(tmp_path: Path) -> None:
    with pytest.raises(BitocrError, match=r"none\.tsv"):
        TextStream([Source(path=str(tmp_path / "none.tsv"), weight=1.0)], Charset())


def test_word_lists_are_looked_for_before_there_are_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BITOCR_WORDLISTS", str(tmp_path))
    with pytest.raises(BitocrError, match="no word lists in"):
        TextStream([Source(synth="mix", weight=1.0)], Charset())


@pytest.mark.parametrize(
    ("before", "seen"),
    [
        (None, [900]),
        ("", [900]),
        ("seen,loss,a accuracy\n100,2.5,0.1\n200,1.5,0.2\n", [100, 200, 900]),
        ("seen,loss,a accuracy\n100,2.5,0.1\n20", [100, 900]),
        ("seen,loss,a accuracy\n100,2.5,0.1\n200,1.5,\n", [100, 200, 900]),
        ("seen,loss\n100,2.5,0.1\n200,1.5\n", [200, 900]),
        ("\0\0\0", [900]),
    ],
)
def test_logs_survive_half_rows_and_other_validation_sets(tmp_path: Path, before: str | None, seen: list[int]) -> None:
    path = tmp_path / "log.csv"
    if before is not None:
        path.write_text(before)
    rows = append_row(path, {"seen": 900, "loss": 1.0, "b accuracy": 0.5})
    assert [row["seen"] for row in rows] == seen
    assert read_log(path) == rows
    assert rows[-1] == {"seen": 900, "loss": 1.0, "b accuracy": 0.5}
    draw_curves(rows, tmp_path / "curves.png")
