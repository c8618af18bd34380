"""Fused functions: compiled ones give the same as operation by operation."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from shutil import which
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor  # noqa: E402

from bitocr.errors import BitocrWarning  # noqa: E402
from bitocr.lab.nn import fused  # noqa: E402
from bitocr.lab.nn.crnn import build, channels_last  # noqa: E402
from networks import complete  # noqa: E402

BLOCKS = {"stem": 32, "blocks": [[32, [1, 1]], [64, [2, 2]]], "neck": {"type": "bilstm", "hidden": 8}, "classes": 5}


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last], ids=["channels first", "last"])
def test_maps_become_rows_and_maps_again(layout: Any) -> None:
    x = torch.randn(2, 3, 4, 5).contiguous(memory_format=layout)
    rows = fused.rows_of(x)
    assert torch.equal(rows[1 * 20 + 2 * 5 + 3], x[1, :, 2, 3])
    assert (rows.data_ptr() == x.data_ptr()) == (layout == torch.channels_last)
    assert torch.equal(fused.map_of(rows, x), x)


FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "sign_minus_one": ("map", "vector"),
    "straight_through": ("map", "vector", "map", 1.5),
    "polynomial": ("map", "vector", "map", 1.5),
    "prelu_shift": ("map", "vector", "vector"),
    "prelu_shift_gradient": ("map", "vector", "map"),
}


@pytest.mark.skipif(not any(which(name) for name in fused.COMPILERS), reason="no C++ compiler")
@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_compiled_functions_compute_the_same(name: str) -> None:
    function = getattr(fused, name)
    for dtype, tolerance in ((torch.float32, 1e-5), (torch.bfloat16, 0.03)):
        for rows, channels in ((60, 32), (7, 5)):
            torch.manual_seed(rows)
            # In eighths, so that sums are exact in bf16 too.
            made = {"map": torch.randn(rows, channels), "vector": torch.randn(channels)}
            eighths = {kind: value.mul(8).round().div(8).to(dtype) for kind, value in made.items()}
            arguments = [eighths.get(kind, kind) for kind in FUNCTIONS[name]]
            results = function.compiled(*arguments), function.function(*arguments)
            pairs = [results] if isinstance(results[0], Tensor) else zip(*results, strict=True)
            for ours, theirs in pairs:
                assert ours.dtype == dtype
                # Between two operations bf16 is rounded, in a loop it is not.
                torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance * rows / 7)


def test_networks_learn_with_compiled_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused.Fused, "is_compiled", False)
    torch.manual_seed(0)
    net = channels_last(build(complete(BLOCKS)))
    gradients = []
    for compiled in (False, True):
        if compiled and not fused.compile_all():
            pytest.skip("no C++ compiler")
        net.zero_grad()
        net(torch.linspace(-1, 1, 2 * 32 * 24).view(2, 1, 32, 24)).square().mean().backward()
        gradients.append([p.grad.clone() for p in net.parameters() if p.grad is not None])
    for ours, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=1e-5)


def test_a_compiler_that_fails_is_told_once_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(graph: object, inputs: object) -> Any:
        raise OSError("no such compiler\nand more")

    def twice(x: Tensor) -> Tensor:
        return x * 2

    function = fused.Fused(twice)
    function.__dict__["compiled"] = torch.compile(twice, backend=broken)
    monkeypatch.setattr(fused.Fused, "is_compiled", True)
    with pytest.warns(BitocrWarning, match=r"^compile: .*no such compiler and more; training goes on") as warned:
        assert function(torch.ones(2)).tolist() == [2, 2]
    assert function(torch.ones(2)).tolist() == [2, 2]
    assert len(warned) == 1
    assert not fused.Fused.is_compiled


def wrong_shapes(x: Tensor) -> Tensor:
    return x + torch.ones(3)


def no_memory(x: Tensor) -> Tensor:
    raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize(
    ("compiled", "message"),
    [(torch.compile(wrong_shapes, backend="eager"), "broadcast"), (no_memory, "out of memory")],
    ids=["shapes", "memory"],
)
def test_what_the_function_itself_raises_is_no_compilers_fault(
    monkeypatch: pytest.MonkeyPatch, compiled: Callable[..., Tensor], message: str
) -> None:
    function = fused.Fused(wrong_shapes)
    function.__dict__["compiled"] = compiled
    monkeypatch.setattr(fused.Fused, "is_compiled", True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=message):
            function(torch.ones(2))
    assert fused.Fused.is_compiled


def test_without_a_compiler_nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fused.Fused, "is_compiled", False)
    monkeypatch.setenv("PATH", "")
    assert not fused.compile_all()
    assert not fused.Fused.is_compiled
    x, vector = torch.randn(6, 4), torch.zeros(4)
    assert torch.equal(fused.sign_minus_one(x, vector), torch.where(x < 0, -2.0, 0.0))
