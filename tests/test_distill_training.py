"""Distillation in training: which networks learn, which never change, what costs nothing, and a resumed recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import BitocrError  # noqa: E402
from bitocr.lab.config.distill import TERMS  # noqa: E402
from bitocr.lab.config.recipe import Recipe  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.train.config import load_recipe  # noqa: E402
from bitocr.lab.train.run import run_recipe, weights_path  # noqa: E402
from bitocr.lab.train.weights import read_weights, save_weights  # noqa: E402
from labelled import write_pictures  # noqa: E402
from students import DEEP, FLOAT, MOBILE, STUDENT, WIDE, batch, task_of  # noqa: E402

ALL = dict.fromkeys(TERMS, 1.0)


def states(nets: tuple[CRNN, ...]) -> list[dict[str, Any]]:
    return [{name: tensor.clone() for name, tensor in net.state_dict().items()} for net in nets]


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("teacher", [FLOAT, WIDE, DEEP, MOBILE], ids=["float", "wide", "deep", "mobilenet"])
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
    task = task_of(FLOAT, FLOAT, ctc=0.0, distill=ALL)
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
    task = task_of(STUDENT, MOBILE, FLOAT, distill=ALL)
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
    equal, wide = task_of(STUDENT, FLOAT, distill=ALL), task_of(STUDENT, WIDE, distill=ALL)
    assert not any(name.startswith("distiller") for name in equal.state_dict())
    assert [len(task.configure_optimizers().param_groups) for task in (equal, wide)] == [2, 3]
    assert wide.distiller is not None
    assert sorted(wide.distiller.adapters) == ["0", "1", "2", "3"]
    trained = {id(p) for group in wide.configure_optimizers().param_groups for p in group["params"]}
    assert {id(p) for p in wide.distiller.parameters()} <= trained


def test_what_has_no_weight_costs_nothing() -> None:
    assert task_of(STUDENT, FLOAT, distill=0).distiller is None
    task = task_of(STUDENT, FLOAT, WIDE, ctc=0.0, distill={"fsp": 1.0})
    assert task.distiller is not None

    def refuse(*_: Any) -> None:
        raise AssertionError("asked in vain")

    for net in (task.net, *task.distiller.teachers):
        net.head.register_forward_hook(refuse)
    task.distiller.teachers[1].backbone.register_forward_hook(refuse)
    assert set(task.terms(batch())) == {"fsp"}
    rests = [name for name, p in task.net.named_parameters() if not p.requires_grad]
    assert {name.split(".")[0] for name in rests} == {"neck", "head"}


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("words") / "few", ["Ab", "12", "x-y"]) / "labels.tsv"


def recipe(folder: Path, labels: Path, *overrides: str) -> Recipe:
    wide = {**WIDE, "classes": 96}
    charset = load_recipe(written(folder, labels)).charset
    save_weights(folder / "wide.safetensors", build(wide), {"network": wide, "charset": charset})
    return load_recipe(folder / "recipe.yaml", overrides)


def written(folder: Path, labels: Path) -> Path:
    """FSP first, then the task with all losses and two teachers: the second stage has adapters too."""
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
