"""Recipes: valid values, and wrong ones, which give one line each."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")

from bitocr.errors import UsageError
from bitocr.lab.train.config import load_recipe
from tiny_recipe import recipe

LABELS = Path("/labels.tsv")
"""Which nothing reads: recipes are loaded here, not run."""


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stages.0.imges=1"], "recipe.yaml: unknown key stages.0.imges; a stage has name, stage"),
        (["stages.7.images=1"], "not in the recipe"),
        (["nothing"], "is not key=value"),
        (["colour=red"], "unknown key colour; a recipe has name"),
        (["data.reusee=3"], "unknown key data.reusee; data has root"),
        (["data=null"], "data is a mapping"),
        (["data.sources=[{path: x}]"], "data.sources.0.weight is missing: it is a number above 0"),
        (["data.sources=[{weight: 1}]"], "data.sources.0 has either a path or what to synth"),
        (["data.sources=[{path: x, synth: mix, weight: 1}]"], "data.sources.0 has either a path or what to synth"),
        (["data.sources=[]"], "data.sources is a list that is not empty"),
        (
            ["validation=[{path: x, protocol: words}]"],
            "validation.0.protocol is one of exact, line, scene, not 'words'",
        ),
        (["validation=3"], "validation is a list, not 3"),
        (["validation=[{path: x, protocol: line, limit: x}]"], "validation.0.limit is a whole number from 1"),
        (
            ["data.sources=[{synth: poems, weight: 1}]"],
            "data.sources.0.synth is one of blank, foreign, hard, lines, mix, screens, words",
        ),
        (["data.sources=[{synth: mix, weight: .nan}]"], "data.sources.0.weight is a number above 0"),
        (["stages=[1]"], "stages.0 is a mapping of keys to values, not 1"),
        (["stages=[]"], "stages is a list that is not empty"),
        (["stages.1.name=float"], "two stages are called 'float'"),
        (["stages.1.name=a/b"], "stages.1.name cannot be 'a/b'"),
        (["stages.0.images=["], "stages.0.images: not valid YAML"),
        (["stages.0.images=" + 2000 * "["], "nested too deep"),
        (["stages.0.images=0"], "stages.0.images is a whole number from 1 to 1e.12, not 0"),
        (["stages.0.images=many"], "stages.0.images is a whole number"),
        (["stages.0.images=true"], "stages.0.images is a whole number"),
        (["stages.0.lr=.nan"], "stages.0.lr is a number"),
        (["stages.0.warmup=1"], "stages.0.warmup is a number"),
        (["stages.0.schedule=stairs"], "stages.0.schedule is one of cosine, linear"),
        (["stages.0.stage=half"], "stages.0.stage is one of activations, both, float"),
        (["stages.0.teacher=[]"], "stages.0.teacher is a stage's name or a weights file, or a list"),
        (["stages.1.teacher=[float, {}]"], "stages.1.teacher is a stage's name"),
        (["stages.0.ctc=-1"], "stages.0.ctc is a number from 0"),
        (["stages.0.ctc=0"], "stages.0 has nothing to learn from"),
        (["stages.0.distill=1"], "stages.0.distill needs a teacher"),
        (["stages.1.distill=null"], "stages.1.distill is the weight of the logits, or"),
        (["stages.1.distill={fps: 1}"], "unknown key stages.1.distill.fps; distill has logits"),
        (["stages.1.distill={fsp: -1}"], "stages.1.distill.fsp is a number from 0"),
        (["stages.1.distill={blank_weight: 2}"], "stages.1.distill.blank_weight is a number from 0 to 1"),
        (["stages.1.distill={temperature: 0}"], "stages.1.distill.temperature is a number"),
        (["stages.1.distill={pairs: [[1, 0]]}"], "stages.1.distill.pairs is a list of layers"),
        (["stages.1.distill={pairs: 3}"], "stages.1.distill.pairs is a list of layers"),
        (["data.columns=0"], "data.columns is a whole number"),
        (["data.columns=lots"], "data.columns is a whole number"),
        (["data.workers=-1"], "data.workers is a whole number"),
        (["data.reuse=0"], "data.reuse is a number from 1"),
        (["validate_every=0"], "validate_every is a whole number"),
        (["checkpoint_every=x"], "checkpoint_every is a whole number"),
        (["seed=x"], "seed is a whole number"),
        (["charset=0123"], "charset is a text, in quotes where YAML would read a number, not 83"),
        (["charset=none.txt"], "charset: none.txt: No such file"),
        (["charset=abca"], "charset: a charset has each character only once, but 'a' is there twice"),
        (["seed.x.y=1"], "not in the recipe"),
        (["network.stem=abc"], "network.stem is a whole number"),
        (["network.neck=none"], "network.neck is"),
        (["network.neck={type: bilstm}"], "network.neck.hidden is a whole number"),
        (["network.blocks=[[96, [1, 1]]]"], "at most doubles its channels"),
        (["network.blocks=[['32', [1, 1]]]"], "network.blocks is a list of"),
        (["network.arch=[]"], "network.arch is one of"),
    ],
)
def test_wrong_overrides_are_told(tmp_path: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe(tmp_path, LABELS, *overrides)


def test_values_become_what_their_defaults_are(tmp_path: Path) -> None:
    loaded = recipe(tmp_path, LABELS, "stages.0.lr=1e-3", "stages.0.images=2e3", "data.reuse=2", "name=7")
    stage = loaded.stages[0]
    values = [stage.lr, stage.images, loaded.data.reuse, loaded.name]
    assert values == [0.001, 2000, 2.0, "7"]
    assert [type(value) for value in values] == [float, int, float, str]
    assert [stage.teacher for stage in loaded.stages] == [(), ("float",)]


def test_overrides_replace_what_their_path_names(tmp_path: Path) -> None:
    loaded = recipe(
        tmp_path, LABELS, "network.blocks.1=[64, [1, 1]]", "stages.0={name: alone, stage: float}", "data.columns=77"
    )
    assert loaded.network.plain()["blocks"] == [[32, [2, 2]], [64, [1, 1]]]
    assert [(stage.name, stage.images) for stage in loaded.stages] == [("alone", 1_000_000), ("both", 60)]
    assert (loaded.data.columns, loaded.data.workers) == (77, 0)


@pytest.mark.parametrize("content", [None, "", "[1, 2]", "a: [", "a: 2020-02-31", "\x00\x01"])
def test_wrong_recipes_are_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "recipe.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"recipe\.yaml"):
        load_recipe(path)


def test_recipes_do_not_leak_into_each_other(tmp_path: Path) -> None:
    recipe(tmp_path, LABELS, "trainer.precision=bf16-mixed", "data.reuse=9")
    other = recipe(tmp_path, LABELS)
    assert (other.trainer.precision, other.data.reuse) == ("32-true", 4)
