"""The options of `bitocr.lab.config.speed`, each compared with the plain computation, in float64."""

from __future__ import annotations

import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402
from torch.utils._python_dispatch import TorchDispatchMode  # noqa: E402

from bitocr.lab.config.quantize import Quantize  # noqa: E402
from bitocr.lab.config.speed import Speed  # noqa: E402
from bitocr.lab.data.stream import Batch  # noqa: E402
from bitocr.lab.nn.backbone import leave_out_biases  # noqa: E402
from bitocr.lab.nn.crnn import CRNN, build  # noqa: E402
from bitocr.lab.nn.quant.ranges import calibrate_weights  # noqa: E402
from bitocr.lab.train.alphabet import alphabets, own_ctc_loss  # noqa: E402
from bitocr.lab.train.callbacks import Validate  # noqa: E402
from bitocr.lab.train.freeze import freeze  # noqa: E402
from bitocr.lab.train.log import read_log  # noqa: E402
from bitocr.lab.train.muon import Muon, of_one_shape, parameter_groups  # noqa: E402
from bitocr.lab.train.task import RecognitionTask, ctc_loss, to_input  # noqa: E402
from students import FLOAT, STUDENT, batch, task_of  # noqa: E402

DEEP: dict[str, Any] = {**STUDENT, "blocks": [[8, [1, 1]], [8, [1, 1]], [16, [2, 2]], [16, [2, 1]], [16, [1, 1]]]}


@pytest.fixture(autouse=True)
def in_float64() -> Any:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def net_of(network: dict[str, Any] = DEEP) -> CRNN:
    torch.manual_seed(1)
    return build(network).double()


def train(net: CRNN, optimizer: Muon, steps: int = 3) -> None:
    for _ in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"]
        optimizer.zero_grad()
        ctc_loss(net(to_input(batch().images)), batch()).backward()
        optimizer.step()


def assert_equal(ours: nn.Module, expected: nn.Module, atol: float = 1e-12) -> None:
    theirs = expected.state_dict()
    for name, tensor in ours.state_dict().items():
        torch.testing.assert_close(
            tensor, theirs[name], rtol=0, atol=atol, msg=lambda text, name=name: f"{name} {text}"
        )


def test_stacked_matrices_are_stepped_as_one_by_one() -> None:
    start = net_of()
    nets = []
    for stacked in (False, True):
        net = copy.deepcopy(start)
        optimizer = Muon(parameter_groups(net, 1e-2, 2e-3, 0.1), stacked)
        train(net, optimizer)
        # The state is the same, too: a training goes on either way.
        other = Muon(parameter_groups(net, 1e-2, 2e-3, 0.1), not stacked)
        other.load_state_dict(optimizer.state_dict())
        train(net, other)
        nets.append(net)
    assert_equal(nets[1], nets[0])
    name = "backbone.blocks.0.conv1.weight"
    assert float((nets[0].state_dict()[name] - start.state_dict()[name]).abs().max()) > 1e-3


@pytest.mark.parametrize("device", ["cpu", *(["cuda"] if torch.cuda.is_available() else [])])
def test_graphs_change_nothing(device: str) -> None:
    start, nets = net_of().to(device), []
    for graphs in (False, True):
        net = copy.deepcopy(start)
        optimizer = Muon(parameter_groups(net, 1e-2, 2e-3, 0.1), graphs=graphs)
        for seed in range(4):
            for group in optimizer.param_groups:
                group["lr"] = group["peak"]
            drawn = torch.Generator().manual_seed(seed)
            for parameter in net.parameters():
                parameter.grad = torch.randn(parameter.shape, generator=drawn).to(device)
            optimizer.step()
        nets.append(net)
    assert_equal(nets[1], nets[0])


def test_matrices_are_stacked_by_their_shape() -> None:
    shapes = [(4, 2, 3, 3), (4, 18), (8, 3), (4, 18, 1, 1), (3, 8)]
    groups = of_one_shape([torch.zeros(shape) for shape in shapes])
    assert [[tuple(each.shape) for each in group] for group in groups] == [
        [(4, 2, 3, 3), (4, 18), (4, 18, 1, 1)],
        [(8, 3)],
        [(3, 8)],
    ]


@pytest.mark.parametrize("stage", ["float", "activations", "both"])
@pytest.mark.parametrize("frozen", [0, 2])
def test_a_binary_convolution_needs_no_bias_where_a_batch_norm_follows(stage: str, frozen: int) -> None:
    start, nets = net_of(DEEP | {"stage": stage}), []
    for bias_free in (False, True):
        net = copy.deepcopy(start)
        leave_out_biases(net, bias_free)
        freeze(net, frozen)  # whose norms stay in eval mode, and take out nothing
        train(net, Muon(parameter_groups(net, 1e-2, 2e-3, 0.1)))
        nets.append(net)
    assert_equal(nets[1], nets[0])  # the running means too
    images = to_input(batch().images)
    torch.testing.assert_close(nets[1].eval()(images), nets[0].eval()(images), rtol=0, atol=1e-12)


def test_without_bias_fewer_gradients_are_summed(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    plain = torch.nn.functional.conv2d

    def convolve(x: Tensor, weight: Tensor, bias: Tensor | None, *rest: Any) -> Tensor:
        given.append(bias is not None)
        return plain(x, weight, bias, *rest)

    monkeypatch.setattr("torch.nn.functional.conv2d", convolve)
    net = net_of()
    leave_out_biases(net)
    net(to_input(batch().images))
    net.eval()(to_input(batch().images))
    binary = 2 * len(DEEP["blocks"])
    assert given == [False] * (1 + binary) + [False] + [True] * binary  # the stem, which has none, before them


LABELS = {
    "some": [[5, 5, 59], [1], [7, 5, 30, 5]],
    "without text": [[], [3, 3], []],
    "all without text": [[], []],
    "too long for the frames": [[1, 1, 1, 1, 1, 1, 2], [4]],
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=list(LABELS))
@pytest.mark.parametrize("sharpness", [1.0, 30.0])
def test_ctc_over_own_alphabets_is_that_over_all_classes(labels: list[list[int]], sharpness: float) -> None:
    torch.manual_seed(0)
    lengths = torch.tensor([len(label) for label in labels])
    targets = torch.tensor([c for label in labels for c in label], dtype=torch.int64)
    given = Batch(torch.zeros(len(labels), 1, 32, 40, dtype=torch.int8), targets, lengths)
    start, found = torch.randn(len(labels), 10, 60) * sharpness, []
    for loss_of in (ctc_loss, own_ctc_loss):
        logits = start.clone().requires_grad_()
        loss = loss_of(logits, given)
        (3 * loss).backward()
        found.append((loss.detach(), logits.grad))
    torch.testing.assert_close(found[1], found[0], rtol=1e-12, atol=1e-12)


def test_an_alphabet_has_the_blank_and_each_character_once() -> None:
    own = alphabets(torch.tensor([9, 4, 9, 7]), torch.tensor([3, 1]))
    assert [row[mask].tolist() for row, mask in zip(own.classes, own.taken, strict=True)] == [[0, 9, 4], [0, 7]]
    assert own.targets[0].tolist() == [1, 2, 1]
    assert own.targets[1, 0] == 1


@pytest.mark.parametrize("distinct", [0, 8])
def test_a_stage_learns_the_same_over_own_alphabets(distinct: int) -> None:
    found = []
    for own_alphabets in (False, True):
        task = task_of(STUDENT, FLOAT, distill=1.0, distinct=distinct, speed=Speed(own_alphabets=own_alphabets))
        task.training_step(batch(), 0).backward()
        found.append({name: p.grad for name, p in task.named_parameters() if p.grad is not None})
    torch.testing.assert_close(found[1], found[0], rtol=0, atol=1e-12)


class Waits(TorchDispatchMode):
    """Records operations that make a host wait for its device: those that return a number or a size."""

    NAMES = ("_local_scalar_dense", "nonzero", "_unique2", "masked_select", "is_nonzero")

    def __init__(self, optimizer: Muon) -> None:
        super().__init__()
        self.optimizer = optimizer
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        if name in self.NAMES and args[0].data_ptr() not in self.of_the_host():
            self.found.append(name)
        return func(*args, **(kwargs or {}))

    def of_the_host(self) -> list[int]:
        """AdamW's step counters, which are never on the device."""
        return [state["step"].data_ptr() for state in self.optimizer.state.values() if "step" in state]


def waits(task: RecognitionTask) -> list[str]:
    """The waits of a step, from the batch to the updated weights."""
    optimizer, validate = cast(Muon, task.configure_optimizers()), Validate([], [], Path(), 10**9)
    given = batch()
    with Waits(optimizer) as mode:
        loss = task.training_step(given, 0)
        loss.backward()
        optimizer.step()
        task.on_train_batch_end({"loss": loss}, given, 0)
        validate.on_train_batch_end(None, task, {"loss": loss}, given, 0)  # type: ignore[arg-type]
    assert validate.steps == 1
    return mode.found


def test_no_step_waits_for_the_device() -> None:
    torch.set_default_dtype(torch.float32)  # a quantized LSTM computes in nothing else
    terms = {"logits": 1.0, "features": 1.0, "attention": 1.0, "fsp": 1.0}
    network = STUDENT | {"quantize": Quantize(lstm=4).plain()}
    task = task_of(network, FLOAT, distill=terms, speed=Speed(own_alphabets=True))
    calibrate_weights(task.net)
    assert waits(task) == []
    assert waits(task_of(STUDENT, FLOAT, distill=1.0, distinct=8)) != []  # which has to know how many classes there are


def test_the_mean_loss_is_that_of_all_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bitocr.lab.train.callbacks.draw_curves", lambda *_: None)
    validate, trainer = Validate([], [], tmp_path, 3), SimpleNamespace(is_global_zero=True)
    for seen, loss in enumerate([1.0, 2.0, 6.0, 5.0], 1):
        module = SimpleNamespace(seen=seen, net=None, device="cpu")
        validate.on_train_batch_end(trainer, module, {"loss": torch.tensor(loss)}, None, 0)  # type: ignore[arg-type]
    validate.on_train_end(trainer, module)  # type: ignore[arg-type]
    assert read_log(tmp_path / "log.csv") == [{"seen": 3, "loss": 3.0}, {"seen": 4, "loss": 5.0}]
