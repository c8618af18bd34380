"""Losses over lumped classes: what they must equal, and what they may leave out."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from bitocr.errors import UsageError  # noqa: E402
from bitocr.lab.config.convert import convert  # noqa: E402
from bitocr.lab.config.stage import Stage  # noqa: E402
from bitocr.lab.data.stream import Batch  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.distill import frame_divergence, soften  # noqa: E402
from bitocr.lab.train.lumped import fill_up, kept_classes, lump, lumped_logits, relabel  # noqa: E402
from bitocr.lab.train.task import RecognitionTask, ctc_loss  # noqa: E402

CLASSES = 200
NETWORK: dict[str, Any] = {
    "arch": "mobilenet_crnn",
    "stem": 8,
    "blocks": [[8, [2, 2]]],
    "neck": {"type": "none"},
    "classes": CLASSES,
}


class Doubled(nn.Linear):
    """A stand-in for a quantized head: its logits are not those of its weights."""

    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


def batch_of(*labels: list[int], width: int = 40) -> Batch:
    images = torch.randint(-90, 90, (len(labels), 1, 32, width), generator=torch.manual_seed(3), dtype=torch.int8)
    lengths = torch.tensor([len(label) for label in labels])
    return Batch(images, torch.tensor([c for label in labels for c in label]), lengths)


BATCH = batch_of([5, 5, 59], [1], [7, 5, 30, 31])


@pytest.mark.parametrize(
    ("kept", "multiple", "filled"),
    [([0, 2, 5], 4, [0, 1, 2, 5]), ([0, 2], 2, [0, 2]), ([0, 1, 2], 5, [0, 1, 2, 3, 4]), ([0, 9], 64, list(range(10)))],
)
def test_kept_classes_are_filled_up_to_a_multiple(kept: list[int], multiple: int, filled: list[int]) -> None:
    assert fill_up(torch.tensor(kept), 10, multiple).tolist() == filled


@pytest.mark.parametrize("kind", [nn.Linear, Doubled])
@pytest.mark.parametrize("sharpness", [1.0, 30.0])
def test_ctc_and_its_gradients_are_those_of_all_classes(kind: type[nn.Linear], sharpness: float) -> None:
    torch.manual_seed(0)
    head, features = kind(12, CLASSES), torch.randn(3, 10, 12) * sharpness
    kept = kept_classes(BATCH.targets)
    assert kept.tolist() == [0, 1, 5, 7, 30, 31, 59]

    def gradients(lumped: bool) -> list[Tensor]:
        x = features.clone().requires_grad_()
        head.zero_grad()
        logits, batch = (lumped_logits(head, x, kept), relabel(BATCH, kept)) if lumped else (head(x), BATCH)
        assert logits.shape[-1] == (len(kept) + 1 if lumped else CLASSES)
        loss = ctc_loss(logits, batch)
        loss.backward()
        assert x.grad is not None
        return [loss.detach(), x.grad, head.weight.grad.clone(), head.bias.grad.clone()]  # type: ignore[union-attr]

    for ours, expected in zip(gradients(True), gradients(False), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-3, atol=5e-4)


def test_where_all_classes_are_kept_none_are_lumped() -> None:
    head, features = nn.Linear(12, 4), torch.randn(2, 5, 12)
    kept = kept_classes(torch.tensor([3, 1, 2]))
    torch.testing.assert_close(lumped_logits(head, features, kept), head(features))


def test_the_teachers_likeliest_classes_are_kept() -> None:
    logits = torch.zeros(2, 3, CLASSES)
    logits[0, 1, 40], logits[1, 2, 41], logits[1, :, 42] = 9.0, 8.0, 4.0
    logits = logits.log_softmax(-1)
    assert kept_classes(torch.tensor([5]), logits, 2).tolist() == [0, 5, 40, 41]
    assert kept_classes(torch.tensor([5]), logits, 3).tolist() == [0, 5, 40, 41, 42]
    assert kept_classes(torch.tensor([5]), logits, 999).tolist() == list(range(CLASSES))


def test_what_is_lumped_of_a_teacher_is_the_rest_of_its_probability() -> None:
    teachers = [torch.randn(2, 3, CLASSES) * 3, torch.randn(2, 3, CLASSES)]
    kept = torch.tensor([0, 7, 30])
    mean = torch.stack([one.softmax(-1) for one in teachers]).mean(0)
    ours = lump(soften(teachers, 1.0), kept).exp()
    torch.testing.assert_close(ours[..., :3], mean[..., kept])
    torch.testing.assert_close(ours.sum(-1), torch.ones(2, 3))
    sure = torch.full((1, 1, CLASSES), -90.0)
    sure[..., 7] = 90
    assert lump(sure.log_softmax(-1), kept).isfinite().all()


def test_the_divergence_is_that_of_all_classes_where_the_kept_ones_hold_all() -> None:
    torch.manual_seed(0)
    head, features = nn.Linear(12, CLASSES), torch.randn(3, 10, 12)
    scores = torch.randn(3, 10, CLASSES)
    kept = kept_classes(BATCH.targets, scores.log_softmax(-1), 8)
    for boost, is_all in ((0, False), (60, True)):
        scores[..., kept] += boost
        taught = scores.log_softmax(-1)
        expected = frame_divergence(head(features), taught)
        lumped = frame_divergence(lumped_logits(head, features, kept), lump(taught, kept))
        assert 0 < lumped <= expected + 1e-5
        assert (lumped > expected - 1e-4) == is_all  # otherwise it tells a part of what is to be told


def task(**stage: Any) -> RecognitionTask:
    settings = convert({"name": "float", **stage}, Stage)
    torch.manual_seed(1)
    net, teacher = build(NETWORK), build(NETWORK)
    return RecognitionTask(net.eval(), settings, [teacher] if stage.get("distill") else [], {})


def test_a_stage_says_how_many() -> None:
    taught = {"distill": {"logits": 1.0, "features": 1.0}, "teacher": "float"}
    for more, count in (({}, 5), (taught, CLASSES)):
        plain, lumped = task(**more).terms(BATCH), task(**more, distinct=count).terms(BATCH)
        assert list(plain) == list(lumped)
        for name in plain:
            torch.testing.assert_close(lumped[name], plain[name], rtol=1e-4, atol=1e-5)
    part = task(**taught, distinct=1).terms(BATCH)
    assert 0 < part["logits"] < plain["logits"]  # of the last, which was taught


def test_a_temperature_is_for_all_classes() -> None:
    with pytest.raises(UsageError, match=r"distinct lumps classes together, which takes a distill\.temperature of 1"):
        task(distinct=5, distill={"logits": 1, "temperature": 2}, teacher="float")
