"""Distillation: each term against numbers worked out by hand, who is trained and who never changes, and resuming."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from bitocr.errors import BitocrError, UsageError  # noqa: E402
from bitocr.lab.data.stream import Batch  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.features import layer_shapes, outputs_of  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.distill import (  # noqa: E402
    TERMS,
    Distiller,
    attention_map,
    frame_divergence,
    fsp_distance,
    fsp_matrix,
    map_distance,
    matching_layers,
    resolution_ends,
    soften,
)
from bitocr.lab.train.run import run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.stages import load_stages  # noqa: E402
from bitocr.lab.train.task import RecognitionTask  # noqa: E402
from bitocr.lab.train.weights import read_weights, save_weights  # noqa: E402

NECK = {"type": "bilstm", "hidden": 8}
TWIN: dict[str, Any] = {"stem": 8, "blocks": [[8, [1, 1]], [16, [2, 2]], [16, [2, 1]]], "neck": NECK, "stage": "float"}
STUDENT = {**TWIN, "stage": "both"}
WIDE = {**TWIN, "stem": 16, "blocks": [[16, [1, 1]], [32, [2, 2]], [32, [2, 1]]]}
DEEP = {**TWIN, "blocks": [[8, [1, 1]], [8, [1, 1]], [16, [2, 2]], [16, [2, 1]], [16, [1, 1]]]}
MOBILE = {"arch": "mobilenet_crnn", "stem": 8, "blocks": [[16, [1, 1]], [16, [2, 2]], [24, [2, 1]]], "neck": NECK}
LOW = {**TWIN, "blocks": [[8, [2, 1]], [16, [2, 2]], [16, [2, 1]], [16, [2, 1]]]}
ALL = dict.fromkeys(TERMS, 1.0)


def stage_of(**values: Any) -> dict[str, Any]:
    return load_stages("test", [{"teacher": "twin", **values}])[0]


def settings(**weights: Any) -> dict[str, Any]:
    return stage_of(distill=weights)["distill"]


def task_of(student: dict[str, Any], *teachers: dict[str, Any], **stage: Any) -> RecognitionTask:
    torch.manual_seed(0)
    nets = [build(teacher) for teacher in teachers]
    torch.manual_seed(1)
    task = RecognitionTask(build(student), stage_of(**stage), nets, {})
    task.log = lambda *_: None  # type: ignore[method-assign, assignment]
    task.count = lambda batch: len(batch.lengths)  # type: ignore[method-assign]
    return task


def batch() -> Batch:
    images = torch.randint(-127, 128, (3, 1, 32, 48), dtype=torch.int8, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.tensor([1, 2, 3]), torch.ones(3, dtype=torch.int64))


def states(nets: tuple[CRNN, ...]) -> list[dict[str, Any]]:
    return [{name: tensor.clone() for name, tensor in net.state_dict().items()} for net in nets]


def test_fsp_matrix_by_hand() -> None:
    # One image, 1 x 2 positions; the first layer has 2 channels, the second 3.
    first = torch.tensor([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    second = torch.tensor([[[[1.0, 0.0]], [[0.0, 1.0]], [[2.0, -2.0]]]])
    expected = torch.tensor([[[1.0, 2.0, -2.0], [3.0, 4.0, -2.0]]]) / 2
    torch.testing.assert_close(fsp_matrix(first, second), expected)


def test_fsp_matrix_pools_heights_and_strides_but_keeps_wide_maps_wide() -> None:
    # 2 x 4 positions averaged in 2 x 2 to the 1 x 2 of the second layer: (1 + 2 + 5 + 6) / 4 and (3 + 4 + 7 + 8) / 4.
    first = torch.tensor([[[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]]])
    second = torch.tensor([[[[10.0, 100.0]]]])
    torch.testing.assert_close(fsp_matrix(first, second), torch.tensor([[[(3.5 * 10 + 5.5 * 100) / 2]]]))
    # A square would lose where along the line things are: these two would be alike.
    torch.testing.assert_close(fsp_matrix(first, second.flip(3)), torch.tensor([[[(3.5 * 100 + 5.5 * 10) / 2]]]))


def test_fsp_matrix_is_not_rounded_under_autocast() -> None:
    torch.manual_seed(0)
    first, second = torch.randn(2, 3, 8, 4, 6).bfloat16()
    expected = torch.einsum("nchw,ndhw->ncd", first.double(), second.double()) / 24
    with torch.autocast("cpu", torch.bfloat16):
        found = fsp_matrix(first, second)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-6)


def test_fsp_distance_by_hand() -> None:
    theirs = torch.tensor([[[3.0, 0.0]], [[0.0, 4.0]]])
    ours = torch.tensor([[[2.0, 1.0]], [[0.0, 1.0]]])
    assert float(fsp_distance(ours, theirs)) == pytest.approx((1 + 1 + 9) / 25)


def test_attention_and_map_distance_by_hand() -> None:
    ours = torch.tensor([[[[1.0, 0.0]], [[2.0, 0.0]]]])  # squares summed: 5, 0
    theirs = torch.tensor([[[[0.0, 1.0]], [[1.0, 1.0]]]])  # 1, 2
    torch.testing.assert_close(attention_map(ours), torch.tensor([[[[5.0, 0.0]]]]))
    distance = map_distance(attention_map(ours), attention_map(theirs))
    assert float(distance) == pytest.approx((1 - 1 / 5**0.5) ** 2 + (2 / 5**0.5) ** 2)
    assert float(map_distance(ours, 7 * ours)) == pytest.approx(0, abs=1e-6)
    halves = F.avg_pool2d(torch.ones(2, 3, 4, 8), 2)
    assert float(map_distance(torch.ones(2, 3, 4, 8), halves)) == pytest.approx(0, abs=1e-6)


def test_frame_divergence_by_hand() -> None:
    torch.manual_seed(0)
    teacher, student = torch.randn(2, 5, 7), torch.randn(2, 5, 7)
    target = soften([teacher], 1.0)
    p, q = teacher.softmax(-1), student.softmax(-1)
    frames = (p * (p / q).log()).sum(-1)
    torch.testing.assert_close(frame_divergence(student, target), frames.mean())
    weights = torch.where(teacher.argmax(-1) == 0, 0.25, 1.0)
    assert 0 < int((weights < 1).sum()) < 10
    torch.testing.assert_close(
        frame_divergence(student, target, blank_weight=0.25), (frames * weights).sum() / weights.sum()
    )
    assert float(frame_divergence(teacher, soften([teacher], 2.0), 2.0)) == pytest.approx(0, abs=1e-6)
    soft = F.kl_div((student / 2).log_softmax(-1), (teacher / 2).softmax(-1), reduction="sum") / 10 * 4
    torch.testing.assert_close(frame_divergence(student, soften([teacher], 2.0), 2.0), soft)


def test_a_teacher_of_blanks_only_counts_nothing() -> None:
    target = soften([torch.tensor([[[9.0, 0.0]]])], 1.0)
    assert float(frame_divergence(torch.randn(1, 1, 2), target, blank_weight=0.0)) == 0


def test_an_ensemble_averages_probabilities_and_one_is_itself() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(2, 2, 5, 7)
    assert torch.equal(soften([one], 1.5), (one / 1.5).log_softmax(-1))
    torch.testing.assert_close(soften([one, other], 1.0).exp(), (one.softmax(-1) + other.softmax(-1)) / 2)
    alone, twice = (task_of(STUDENT, *[TWIN] * count, distill={"logits": 1.0}) for count in (1, 2))
    assert twice.distiller is not None
    twice.distiller.teachers[1].load_state_dict(twice.distiller.teachers[0].state_dict())
    torch.testing.assert_close(alone.terms(batch()), twice.terms(batch()))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (STUDENT, TWIN, {0: 0, 1: 1, 2: 2, 3: 3}),
        (STUDENT, DEEP, {0: 0, 1: 2, 2: 3, 3: 5}),
        (DEEP, STUDENT, {0: 0, 2: 1, 3: 2, 5: 3}),
        (STUDENT, MOBILE, {0: 0, 1: 1, 2: 2, 3: 3}),
    ],
)
def test_layers_match_by_number_or_by_resolution(
    ours: dict[str, Any], theirs: dict[str, Any], expected: dict[int, int]
) -> None:
    shapes = [layer_shapes(build(config).backbone) for config in (ours, theirs)]
    assert matching_layers(*shapes) == expected


def test_resolution_ends_begin_with_the_stem() -> None:
    shapes = layer_shapes(build(DEEP).backbone)
    assert shapes[0] == (8, 16, 32)
    assert shapes[-1] == (16, 4, 16)
    assert resolution_ends(shapes) == [0, 2, 3, 5]


@pytest.mark.parametrize(
    ("teacher", "weights", "message"),
    [
        (LOW, {"fsp": 1.0}, "other strides"),
        (TWIN, {"fsp": 1.0, "pairs": [[0, 9]]}, "no layer 9 in common"),
        (DEEP, {"fsp": 1.0, "pairs": [[0, 4]]}, "no layer 4 in common"),
    ],
)
def test_layers_that_cannot_be_compared(teacher: dict[str, Any], weights: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Distiller(build(STUDENT), [build(teacher)], settings(**weights))


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("teacher", [TWIN, WIDE, DEEP, MOBILE], ids=["twin", "wide", "deep", "mobilenet"])
def test_each_term_alone_reaches_the_latent_weights(term: str, teacher: dict[str, Any]) -> None:
    task = task_of(STUDENT, teacher, ctc=0.0, distill={term: 1.0})
    loss = task.training_step(batch(), 0)
    assert float(loss.detach()) > 0
    loss.backward()
    for block in task.net.backbone.blocks:  # type: ignore[union-attr]
        for convolution in (block.conv1, block.conv2):  # type: ignore[union-attr]
            assert float(convolution.weight.grad.abs().sum()) > 0  # type: ignore[union-attr, operator]
    # Nothing that is trained lies idle, which processes that train together would stumble over.
    idle = [name for name, p in task.named_parameters() if p.requires_grad and p.grad is None]
    assert idle == []


def test_a_student_equal_to_its_teacher_has_nothing_to_learn() -> None:
    task = task_of(TWIN, TWIN, ctc=0.0, distill=ALL)
    assert task.distiller is not None
    task.net.load_state_dict(task.distiller.teachers[0].state_dict())
    task.net.eval()
    found = {name: float(term.detach()) for name, term in task.terms(batch()).items()}
    assert found == {name: pytest.approx(0, abs=1e-5) for name in TERMS}


def test_terms_are_weighed() -> None:
    weights = {"logits": 2.0, "fsp": 3.0, "attention": 5.0, "features": 7.0}
    task = task_of(STUDENT, WIDE, ctc=0.5, distill=weights)
    task.net.eval()
    terms = task.terms(batch())
    expected = 0.5 * terms["ctc"] + sum(weight * terms[name] for name, weight in weights.items())
    torch.testing.assert_close(task.training_step(batch(), 0), expected)


def test_teachers_never_change() -> None:
    task = task_of(STUDENT, MOBILE, TWIN, distill=ALL)
    assert task.distiller is not None
    before = states(task.distiller.teachers)
    optimizer = task.configure_optimizers()
    task.train()
    for _ in range(2):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"]
        task.training_step(batch(), 0).backward()
        optimizer.step()
    for teacher, state in zip(task.distiller.teachers, before, strict=True):
        assert not any(module.training for module in teacher.modules())
        assert not any(p.requires_grad or p.grad is not None for p in teacher.parameters())
        assert all(torch.equal(tensor, state[name]) for name, tensor in teacher.state_dict().items())
    assert not any("teacher" in name for name in task.state_dict())


def test_adapters_are_trained_where_channels_differ_and_only_there() -> None:
    twin, wide = task_of(STUDENT, TWIN, distill=ALL), task_of(STUDENT, WIDE, distill=ALL)
    assert not any(name.startswith("distiller") for name in twin.state_dict())
    assert [len(task.configure_optimizers().param_groups) for task in (twin, wide)] == [2, 3]
    assert wide.distiller is not None
    assert sorted(wide.distiller.adapters) == ["0", "1", "2", "3"]
    trained = {id(p) for group in wide.configure_optimizers().param_groups for p in group["params"]}
    assert {id(p) for p in wide.distiller.parameters()} <= trained


def test_what_has_no_weight_costs_nothing() -> None:
    assert task_of(STUDENT, TWIN, distill=0).distiller is None
    task = task_of(STUDENT, TWIN, WIDE, ctc=0.0, distill={"fsp": 1.0})
    assert task.distiller is not None

    def refuse(*_: Any) -> None:
        raise AssertionError("asked in vain")

    for net in (task.net, *task.distiller.teachers):
        net.head.register_forward_hook(refuse)
    task.distiller.teachers[1].backbone.register_forward_hook(refuse)
    assert set(task.terms(batch())) == {"fsp"}
    rests = [name for name, p in task.net.named_parameters() if not p.requires_grad]
    assert {name.split(".")[0] for name in rests} == {"neck", "head"}


def test_hooks_do_not_stay() -> None:
    net = build(TWIN)
    with outputs_of(net.backbone.layers()) as maps:  # type: ignore[operator]
        net(torch.zeros(1, 1, 32, 32))
    net(torch.zeros(1, 1, 32, 32))
    assert len(maps) == 4
    assert not any(module._forward_hooks for module in net.modules())


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("words")
    for index, text in enumerate(["Ab", "12", "x-y"]):
        image = Image.new("L", (12 * len(text) + 8, 24), 255)
        ImageDraw.Draw(image).text((4, 6), text, fill=0)
        image.save(folder / f"{index}.png")
    (folder / "labels.tsv").write_text("0.png\tAb\n1.png\t12\n2.png\tx-y\n")
    return folder / "labels.tsv"


def recipe(folder: Path, labels: Path, *overrides: str) -> dict[str, Any]:
    wide = {**WIDE, "classes": 96}
    charset = load_recipe(written(folder, labels))["charset"]
    save_weights(folder / "wide.safetensors", build(wide), {"network": wide, "charset": charset})
    return load_recipe(folder / "recipe.yaml", overrides)


def written(folder: Path, labels: Path) -> Path:
    """FSP first, then the task with all terms and two teachers: the second stage has adapters too."""
    path = folder / "recipe.yaml"
    path.write_text(
        f"""
out: {folder / "run"}
network: {{stem: 8, blocks: [[8, [1, 1]], [16, [2, 2]], [16, [2, 1]]], neck: {{type: bilstm, hidden: 8}}}}
data: {{root: /, sources: [{{path: {labels}, weight: 1}}], columns: 256, workers: 0}}
trainer: {{precision: bf16-mixed, accelerator: cpu, devices: 1}}
checkpoint_every: 20
stages:
  - {{name: float, stage: float, images: 20}}
  - {{name: fsp, stage: both, images: 20, teacher: float, ctc: 0, distill: {{fsp: 1.0}}}}
  - {{name: task, stage: both, images: 30, teacher: [{folder}/wide.safetensors, float],
     distill: {{logits: 1.0, fsp: 1.0, attention: 1.0, features: 1.0, blank_weight: 0.5, temperature: 2.0}}}}
"""
    )
    return path


def test_a_recipe_resumes_with_its_adapters_and_leaves_none_behind(tmp_path: Path, labels: Path) -> None:
    first = recipe(tmp_path, labels)
    run_recipe(first)
    float_state, _ = read_weights(weights_path(first, "float"))
    fsp_state, _ = read_weights(weights_path(first, "fsp"))
    moved = {name for name in float_state if not torch.equal(float_state[name], fsp_state[name])}
    assert any(name.endswith("conv1.weight") for name in moved)
    assert not any(name.startswith(("neck", "head")) for name in moved)
    final = weights_path(first, "task")
    assert not any("adapter" in name for name in read_weights(final)[0])
    checkpoint = torch.load(final.parent / "last.ckpt", weights_only=False)
    adapters = {name: t for name, t in checkpoint["state_dict"].items() if name.startswith("distiller.adapters")}
    assert len(adapters) == 8
    # Gone on from: a few small steps from where they were, not anew, and with their optimizer's state.
    final.unlink()
    run_recipe(recipe(tmp_path, labels, "stages.2.images=45"))
    after = torch.load(final.parent / "last.ckpt", weights_only=False)
    ways = [float((after["state_dict"][name] - tensor).abs().max()) for name, tensor in adapters.items()]
    assert 0 < min(ways) <= max(ways) < 0.02
    steps = [
        [s["step"] for s in c["optimizer_states"][0]["state"].values() if "step" in s] for c in (checkpoint, after)
    ]
    assert min(steps[1]) > max(steps[0])


def test_a_checkpoint_with_other_adapters_is_told(tmp_path: Path, labels: Path) -> None:
    run_recipe(recipe(tmp_path, labels))
    (tmp_path / "run" / "task" / "weights.safetensors").unlink()
    with pytest.raises(BitocrError, match="other distillation adapters") as caught:
        run_recipe(recipe(tmp_path, labels, "stages.2.teacher=float", "stages.2.images=60"))
    assert "\n" not in str(caught.value)
