"""Averages of checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from bitocr.lab.train.average import main  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from checkpoints import save_checkpoint  # noqa: E402


def test_every_number_is_the_mean(tmp_path: Path) -> None:
    first = save_checkpoint(tmp_path / "a.safetensors", "mobilenet")
    net, card = load_weights(first)
    for name, more in (("b.safetensors", 2), ("c.safetensors", -1)):
        with torch.no_grad():
            for tensor in net.state_dict().values():
                tensor += more if tensor.is_floating_point() else 0
        save_weights(tmp_path / name, net, card)
    main([str(tmp_path / f"{name}.safetensors") for name in ("mean", "a", "b", "c")])
    before, (after, about) = load_weights(first)[0].state_dict(), load_weights(tmp_path / "mean.safetensors")
    assert about["averaged"] == 3
    for name, tensor in after.state_dict().items():
        if tensor.is_floating_point():
            torch.testing.assert_close(tensor, before[name] + 1, atol=2e-3, rtol=1e-3)  # kernels are stored in fp16


@pytest.mark.parametrize(("other", "message"), [("binary", "another network"), (None, "no such weights file")])
def test_what_does_not_fit_is_told_in_a_line(other: str | None, message: str, tmp_path: Path) -> None:
    first = save_checkpoint(tmp_path / "a.safetensors", "mobilenet")
    if other:
        save_checkpoint(tmp_path / "b.safetensors", other)
    with pytest.raises(SystemExit, match=message):
        main([str(tmp_path / "mean.safetensors"), str(first), str(tmp_path / "b.safetensors")])
    assert not (tmp_path / "mean.safetensors").exists()
