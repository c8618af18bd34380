"""Running recipes: real (tiny) trainings that are stopped and resumed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import BitocrError, UsageError  # noqa: E402
from bitocr.lab.nn.binary import BinaryConv2d  # noqa: E402
from bitocr.lab.train.run import run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.weights import load_weights  # noqa: E402
from labelled import write_pictures  # noqa: E402
from tiny_recipe import recipe  # noqa: E402


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y", "long words"]) / "labels.tsv"


def test_a_recipe_runs_its_stages_and_goes_on_where_it_stopped(
    tmp_path: Path, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "[held] words of a shop, photographed where they hung and labelled by hand"
    named = f"validation=[{{path: {labels}, protocol: line, name: '{name}'}}]"
    first = recipe(tmp_path, labels, named)
    weights = run_recipe(first)
    assert re.search(
        rf"^seen \d+  loss [\d.]+  {re.escape(name)} accuracy [\d.]+  .* cer", capsys.readouterr().out, re.M
    )
    _, card = load_weights(weights)
    stored = torch.load(weights.parent / "last.ckpt", weights_only=False)["card"]
    assert {**stored, "images": card["images"]} == card
    assert card["stage"] == "both"
    assert card["images"] >= 60
    assert card["network"]["stage"] == "both"
    assert "root" not in card["recipe"]["data"]
    teacher = weights_path(first, "float").read_bytes()
    # Continued with a larger budget: the finished first stage stays as it is, the second goes on from its checkpoint.
    weights.unlink()
    longer = recipe(tmp_path, labels, named, "stages.1.images=90")
    _, card = load_weights(run_recipe(longer))
    assert 90 <= card["images"] < 150
    assert weights_path(first, "float").read_bytes() == teacher
    log = (weights.parent / "log.csv").read_text().splitlines()
    assert log[0].startswith(f'seen,loss,"{name} accuracy"')
    assert (weights.parent / "curves.png").stat().st_size > 1000


def test_latent_weights_never_leave_their_bounds(tmp_path: Path, labels: Path) -> None:
    fast = ("stages.0.images=20", "stages.1.lr=5", "stages.1.warmup=0")
    net, _ = load_weights(run_recipe(recipe(tmp_path, labels, *fast)))
    latents = [module.weight.detach().abs().max() for module in net.modules() if isinstance(module, BinaryConv2d)]
    assert latents
    assert max(latents) == 1


@pytest.mark.parametrize("key", ["start", "teacher"])
def test_a_later_stage_without_its_weights_is_told_before_anything_is_trained(
    tmp_path: Path, labels: Path, key: str
) -> None:
    mistaken = recipe(tmp_path, labels, f"stages.1.{key}=flaot")
    with pytest.raises(UsageError, match="'flaot' is neither a finished stage"):
        run_recipe(mistaken)
    assert not weights_path(mistaken, "float").parent.exists()


def test_minutes_over_it_stops_with_a_checkpoint_and_goes_on(tmp_path: Path, labels: Path) -> None:
    hurried = recipe(tmp_path, labels, "minutes=1.0e-6", "stages.0.images=100000")
    with pytest.raises(KeyboardInterrupt):
        run_recipe(hurried)
    folder = weights_path(hurried, "float").parent
    assert not (folder / "weights.safetensors").exists()
    seen = torch.load(folder / "last.ckpt", weights_only=False)["seen"]
    assert 0 < seen < 100000
    _, card = load_weights(run_recipe(recipe(tmp_path, labels, f"stages.0.images={seen + 1}", "compile=true")))
    assert card["stage"] == "both"


def test_a_recipe_has_a_charset_of_its_own(tmp_path: Path, labels: Path) -> None:
    (tmp_path / "signs.txt").write_text("1\n2\nA\nb\n", encoding="utf-8")
    stages = "stages=[{name: float, stage: float, images: 8}]"
    weights = run_recipe(recipe(tmp_path, labels, stages, f"charset={tmp_path / 'signs.txt'}"))
    net, card = load_weights(weights)
    assert (card["charset"], net.head.out_features) == ("12Ab", 5)


def test_a_teacher_that_is_not_there_is_told(tmp_path: Path, labels: Path) -> None:
    with pytest.raises(BitocrError, match="neither a finished stage"):
        run_recipe(recipe(tmp_path, labels, "stages.0.teacher=nobody"))
