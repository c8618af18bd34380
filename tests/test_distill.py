"""Distillation: each loss, compared with hand-computed numbers, and the choice of layers."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.distill import Distill  # noqa: E402
from bitocr.lab.data.stream import Batch  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.features import layer_shapes, outputs_of  # noqa: E402
from bitocr.lab.train.distill import (  # noqa: E402
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
from bitocr.lab.train.task import trust_in  # noqa: E402
from students import DEEP, FLOAT, MOBILE, STUDENT, batch, stage_of, task_of  # noqa: E402

LOW = {**FLOAT, "blocks": [[8, [2, 1]], [16, [2, 2]], [16, [2, 1]], [16, [2, 1]]]}


def settings(**weights: Any) -> Distill:
    return stage_of(distill=weights).distill


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


def test_a_teacher_counts_for_the_images_that_it_reads_better() -> None:
    torch.manual_seed(0)
    images = Batch(torch.zeros(3, 1, 32, 8, dtype=torch.int8), torch.tensor([1, 2]), torch.tensor([1, 1, 0]))
    student = torch.zeros(3, 2, 3)
    teacher = student.clone()
    teacher[0, :, 1] = teacher[1, :, 1] = teacher[2, :, 1] = 4  # right in the first only: the last one has no text
    trust = trust_in([teacher], student, images)
    assert trust.tolist() == [1, 0, 0]
    assert trust_in([student], student, images).tolist() == [1, 1, 1]
    target = soften([teacher], 1.0)
    first = frame_divergence(student[:1], target[:1])
    torch.testing.assert_close(frame_divergence(student, target, trust=trust), first / 3)


@pytest.mark.parametrize("trusted", [False, True])
def test_a_recipe_may_trust_teachers_where_they_read_better(trusted: bool) -> None:
    task = task_of(STUDENT, FLOAT, distill={"logits": 1.0, "trusted": trusted})
    assert task.distiller is not None
    for teacher in task.distiller.teachers:
        teacher.head.bias.data[1:] -= 500  # reads blanks alone
    assert (float(task.terms(batch())["logits"].detach()) == 0) == trusted


def test_a_teacher_of_blanks_only_counts_nothing() -> None:
    target = soften([torch.tensor([[[9.0, 0.0]]])], 1.0)
    assert float(frame_divergence(torch.randn(1, 1, 2), target, blank_weight=0.0)) == 0


def test_an_ensemble_averages_probabilities_and_one_is_itself() -> None:
    torch.manual_seed(0)
    one, other = torch.randn(2, 2, 5, 7)
    assert torch.equal(soften([one], 1.5), (one / 1.5).log_softmax(-1))
    torch.testing.assert_close(soften([one, other], 1.0).exp(), (one.softmax(-1) + other.softmax(-1)) / 2)
    alone, twice = (task_of(STUDENT, *[FLOAT] * count, distill={"logits": 1.0}) for count in (1, 2))
    assert twice.distiller is not None
    twice.distiller.teachers[1].load_state_dict(twice.distiller.teachers[0].state_dict())
    torch.testing.assert_close(alone.terms(batch()), twice.terms(batch()))


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (STUDENT, FLOAT, {0: 0, 1: 1, 2: 2, 3: 3}),
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
        (LOW, {"fsp": 1.0}, "strides differ"),
        (FLOAT, {"fsp": 1.0, "pairs": [[0, 9]]}, "no layer 9 in common"),
        (DEEP, {"fsp": 1.0, "pairs": [[0, 4]]}, "no layer 4 in common"),
    ],
)
def test_layers_that_cannot_be_compared(teacher: dict[str, Any], weights: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Distiller(build(STUDENT), [build(teacher)], settings(**weights))


def test_hooks_do_not_stay() -> None:
    net = build(FLOAT)
    with outputs_of(net.backbone.layers()) as maps:  # type: ignore[operator]
        net(torch.zeros(1, 1, 32, 32))
    net(torch.zeros(1, 1, 32, 32))
    assert len(maps) == 4
    assert not any(module._forward_hooks for module in net.modules())
