"""Training: schedule, losses, optimizer, recipes, and a real (tiny) run that is stopped and resumed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from PIL import Image, ImageDraw  # noqa: E402

from bitocr.errors import BitocrError, UsageError  # noqa: E402
from bitocr.lab.data.charset import Charset  # noqa: E402
from bitocr.lab.data.stream import BUCKETS, Batch, Replay, TextStream, bucket_width, frames_needed  # noqa: E402
from bitocr.lab.nn.binary import BinaryConv2d  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.muon import Muon, orthogonalize, parameter_groups  # noqa: E402
from bitocr.lab.train.run import run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.task import ctc_loss, scheduled  # noqa: E402
from bitocr.lab.train.validate import best_path  # noqa: E402
from bitocr.lab.train.weights import load_weights  # noqa: E402

TINY = {"stem": 32, "blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": {"type": "bilstm", "hidden": 8}}


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    rows = []
    for index, text in enumerate(["Ab", "12", "x-y", "long words"]):
        image = Image.new("L", (12 * len(text) + 8, 24), 255)
        ImageDraw.Draw(image).text((4, 6), text, fill=0)
        image.save(folder / f"{index}.png")
        rows.append(f"{index}.png\t{text}\n")
    path = folder / "labels.tsv"
    path.write_text("".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("progress", "schedule", "expected"),
    [(0.0, "cosine", 0.01), (0.05, "cosine", 0.5), (0.1, "linear", 1.0), (0.55, "linear", 0.5), (1.0, "cosine", 0.0)],
)
def test_schedule(progress: float, schedule: str, expected: float) -> None:
    assert scheduled(progress, schedule, warmup=0.1) == pytest.approx(expected)


def test_ctc_ignores_texts_that_do_not_fit() -> None:
    batch = Batch(torch.zeros(1, 1, 32, 8, dtype=torch.int8), torch.tensor([1, 1, 1]), torch.tensor([3]))
    logits = torch.zeros(1, 2, 5, requires_grad=True)
    loss = ctc_loss(logits, batch)
    loss.backward()
    assert float(loss.detach()) == 0
    assert logits.grad is not None
    assert bool(torch.isfinite(logits.grad).all())


def test_best_path_drops_repeats_and_blanks() -> None:
    charset = Charset("ab")
    logits = torch.nn.functional.one_hot(torch.tensor([[0, 1, 1, 0, 1, 2, 2, 0]]), 3).float()
    assert best_path(logits, charset) == ["aab"]


@pytest.mark.parametrize("shape", [(16, 40), (40, 16), (32, 32)])
def test_orthogonalize_equalizes_singular_values(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    values = torch.linalg.svdvals(orthogonalize(torch.randn(shape)))
    assert 0.5 < float(values.min()) <= float(values.max()) < 1.4


def test_muon_and_adamw_lower_a_loss_and_survive_saving() -> None:
    torch.manual_seed(0)
    net = build(TINY | {"stage": "both"})
    optimizer = Muon(parameter_groups(net, 1e-2, 1e-2, 0.01))
    assert [len(g["params"]) for g in optimizer.param_groups] == [8, len(list(net.parameters())) - 8]
    images = torch.randn(4, 1, 32, 32)
    batch = Batch(images, torch.tensor([1, 2, 3, 4]), torch.ones(4, dtype=torch.int64))
    losses = []
    for step in range(12):
        if step == 6:
            restored = Muon(parameter_groups(net, 1e-2, 1e-2, 0.01))
            restored.load_state_dict(optimizer.state_dict())
            optimizer = restored
        for group in optimizer.param_groups:
            group["lr"] = group["peak"]
        loss = ctc_loss(net(images), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.7 * losses[0]


def test_replay_renders_one_in_reuse() -> None:
    rendered = []

    def render(rng: np.random.Generator) -> tuple[Any, str]:
        rendered.append(1)
        return np.zeros((4, 4), np.uint8), "x"

    replay = Replay(render, reuse=4, capacity=50)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        replay(rng)
    assert len(rendered) == pytest.approx(500, rel=0.15)
    assert len(replay.samples) == 50


@pytest.mark.parametrize(
    ("width", "text", "expected"),
    [(64, "word", 80), (70, "word", 80), (16, "iiiii", 48), (16, "impossibly long", None)],
)
def test_bucket_width(width: int, text: str, expected: int | None) -> None:
    image = np.zeros((32, width), np.uint8)
    found = bucket_width(image, text, np.random.default_rng(0), jitter=0.0)
    assert found == expected
    assert found is None or (found in BUCKETS and found // 4 > frames_needed(text))


def test_stream_makes_batches_of_one_width(labels: Path) -> None:
    stream = TextStream([{"path": str(labels), "weight": 1.0}], Charset(), columns=256)
    for batch, _ in zip(stream, range(20), strict=False):
        n, _, height, width = batch.images.shape
        assert (height, batch.images.dtype, len(batch.lengths)) == (32, torch.int8, n)
        assert n * width >= 256
        assert int(batch.lengths.sum()) == len(batch.targets)


def recipe(folder: Path, labels: Path, *overrides: str) -> dict[str, Any]:
    path = folder / "recipe.yaml"
    path.write_text(
        f"""
out: {folder / "run"}
network: {{arch: bit_crnn, stem: 32, blocks: [[32, [2, 2]], [64, [2, 1]]], neck: {{type: bilstm, hidden: 8}}}}
data: {{root: /, sources: [{{path: {labels}, weight: 1}}], columns: 512, workers: 0}}
validation: [{{path: {labels}, protocol: line, name: words}}]
trainer: {{precision: 32-true, accelerator: cpu, devices: 1}}
validate_every: 40
checkpoint_every: 20
stages:
  - {{name: float, stage: float, images: 60}}
  - {{name: both, stage: both, images: 60, teacher: float, distill: 1.0}}
"""
    )
    return load_recipe(path, overrides)


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
    twin = weights_path(first, "float").read_bytes()
    # Continued with a larger budget: the finished first stage stays as it is, the second goes on from its checkpoint.
    weights.unlink()
    longer = recipe(tmp_path, labels, named, "stages.1.images=90")
    _, card = load_weights(run_recipe(longer))
    assert 90 <= card["images"] < 150
    assert weights_path(first, "float").read_bytes() == twin
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


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stages.0.imges=1"], "unknown stage key 'imges'"),
        (["stages.7.images=1"], "not in the recipe"),
        (["nothing"], "is not key=value"),
        (["colour=red"], "unknown recipe key 'colour'"),
        (["data.reusee=3"], "unknown data key 'reusee'"),
        (["data=null"], "data is a mapping"),
        (["data.sources=[{path: x}]"], "data.sources is a list"),
        (["data.sources=[]"], "at least one source"),
        (["validation=[{path: x, protocol: words}]"], "validation is a list"),
        (["validation=[{path: x, protocol: line, limit: x}]"], "validation is a list"),
        (["data.sources=[{synth: poems, weight: 1}]"], "what to synth"),
        (["data.sources=[{synth: mix, weight: .nan}]"], "data.sources is a list"),
        (["stages=[1]"], "stages is a list"),
        (["stages.1.name=float"], "two stages are called 'float'"),
        (["stages.1.name=a/b"], "no stage can be called 'a/b'"),
        (["stages.0.images=["], "stages.0.images: not valid YAML"),
        (["stages.0.images=" + 2000 * "["], "nested too deep"),
        (["stages.0.images=0"], "stages.0.images is a whole number from 1 to 1e.12, not 0"),
        (["stages.0.images=many"], "stages.0.images is a whole number"),
        (["stages.0.images=true"], "stages.0.images is a whole number"),
        (["stages.0.lr=.nan"], "stages.0.lr is a number"),
        (["stages.0.warmup=1"], "stages.0.warmup is a number"),
        (["stages.0.schedule=stairs"], "stages.0.schedule is one of cosine, linear"),
        (["stages.0.stage=half"], "stages.0.stage is one of float, activations, both"),
        (["stages.0.teacher=[]"], "stages.0.teacher is a stage's name or a weights file, or a list"),
        (["stages.1.teacher=[float, {}]"], "stages.1.teacher is a stage's name"),
        (["stages.0.ctc=-1"], "stages.0.ctc is a number from 0"),
        (["stages.0.ctc=0"], "stages.0 has nothing to learn from"),
        (["stages.0.distill=1"], "stages.0.distill needs a teacher"),
        (["stages.1.distill=null"], "stages.1.distill is the weight of the logits, or"),
        (["stages.1.distill={fps: 1}"], "stages.1.distill: unknown distill key 'fps'"),
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
        (["charset=0123"], "charset is a text, not 83: put it in quotes"),
        (["charset=none.txt"], "charset: none.txt: No such file"),
        (["charset=abca"], "charset: a charset has each character only once, but 'a' is there twice"),
        (["seed.x.y=1"], "not in the recipe"),
        (["network.stem=abc"], "network.stem is a whole number"),
        (["network.neck=none"], "network.neck is"),
        (["network.neck={type: bilstm}"], "network.neck.hidden is a whole number"),
        (["network.blocks=[[96, [1, 1]]]"], "at most doubles its channels"),
        (["network.blocks=[['32', [1, 1]]]"], "network.blocks needs"),
        (["network.arch=[]"], "unknown arch"),
    ],
)
def test_wrong_overrides_are_told(tmp_path: Path, labels: Path, overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe(tmp_path, labels, *overrides)


def test_values_become_what_their_defaults_are(tmp_path: Path, labels: Path) -> None:
    loaded = recipe(tmp_path, labels, "stages.0.lr=1e-3", "stages.0.images=2e3", "data.reuse=2", "name=7")
    stage = loaded["stages"][0]
    values = [stage["lr"], stage["images"], loaded["data"]["reuse"], loaded["name"]]
    assert values == [0.001, 2000, 2.0, "7"]
    assert [type(value) for value in values] == [float, int, float, str]
    assert [stage["teacher"] for stage in loaded["stages"]] == [[], ["float"]]


@pytest.mark.parametrize("content", [None, "", "[1, 2]", "a: [", "a: 2020-02-31", "\x00\x01"])
def test_wrong_recipes_are_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "recipe.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UsageError, match=r"recipe\.yaml"):
        load_recipe(path)


def test_a_recipe_has_a_charset_of_its_own(tmp_path: Path, labels: Path) -> None:
    (tmp_path / "signs.txt").write_text("1\n2\nA\nb\n", encoding="utf-8")
    stages = "stages=[{name: float, stage: float, images: 8}]"
    weights = run_recipe(recipe(tmp_path, labels, stages, f"charset={tmp_path / 'signs.txt'}"))
    net, card = load_weights(weights)
    assert (card["charset"], net.head.out_features) == ("12Ab", 5)


def test_recipes_do_not_leak_into_each_other(tmp_path: Path, labels: Path) -> None:
    recipe(tmp_path, labels, "trainer.precision=bf16-mixed", "data.reuse=9")
    other = recipe(tmp_path, labels)
    assert (other["trainer"]["precision"], other["data"]["reuse"]) == ("32-true", 4)


def test_a_teacher_that_is_not_there_is_told(tmp_path: Path, labels: Path) -> None:
    with pytest.raises(BitocrError, match="neither a finished stage"):
        run_recipe(recipe(tmp_path, labels, "stages.0.teacher=nobody"))
