"""Weights files: which values are rounded, and invalid files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import ModelError  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.weights import load_weights, read_weights, save_weights  # noqa: E402
from networks import complete  # noqa: E402

TINY = {"stem": 32, "blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": {"type": "bilstm", "hidden": 8}, "classes": 4}
CHARSET = "abc"


def test_weights_keep_their_signs_and_ranges(tmp_path: Path) -> None:
    net = build(TINY)
    net.backbone.blocks[0].conv1.weight.data.fill_(-1e-12)  # type: ignore[union-attr, index]
    net.backbone.stem_norm.running_var.fill_(1e6)  # type: ignore[union-attr, operator]
    save_weights(tmp_path / "w.safetensors", net, {"network": dict(TINY), "charset": CHARSET})
    state = load_weights(tmp_path / "w.safetensors")[0].state_dict()
    assert bool((state["backbone.blocks.0.conv1.weight"] < 0).all())
    assert bool((state["backbone.stem_norm.running_var"] == 1e6).all())


@pytest.mark.parametrize(
    ("stage", "quantize"), [("both", {"scheme": "engine", "lstm": 4}), ("float", {"scheme": "dynamic"})]
)
def test_only_latent_weights_of_a_quantized_network_are_rounded(
    tmp_path: Path, stage: str, quantize: dict[str, Any]
) -> None:
    network = complete({**TINY, "stage": stage, "quantize": quantize})
    net = build(network)
    save_weights(tmp_path / "w.safetensors", net, {"network": network, "charset": CHARSET})
    stored, before = read_weights(tmp_path / "w.safetensors")[0], net.state_dict()
    rounded = {name for name, tensor in stored.items() if tensor.dtype != before[name].dtype}
    kernels = {name for name in stored if ".conv" in name and name.endswith(".weight")}
    assert rounded == (kernels if stage == "both" else set())
    assert all(torch.equal(stored[name], tensor) for name, tensor in before.items() if name not in rounded)


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "text", "other network"])
def test_wrong_weights_are_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "weights.safetensors"
    network = dict(TINY)
    save_weights(path, build(network), {"network": network, "charset": CHARSET})
    if damage == "missing":
        path.unlink()
    elif damage in ("empty", "cut"):
        path.write_bytes(path.read_bytes()[: 0 if damage == "empty" else 2000])
    elif damage == "text":
        path.write_text("hello" * 100)
    overrides: dict[str, Any] = {"stem": 64} if damage == "other network" else {}
    with pytest.raises(ModelError, match=r"weights\.safetensors"):
        load_weights(path, **overrides)
