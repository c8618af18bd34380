"""The bottleneck before the head: its config, its shapes, and the size of a model of thousands of classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import ModelError, UsageError  # noqa: E402
from bitocr.lab.export.bit import export_bit  # noqa: E402
from bitocr.lab.nn.bit.fold import network_header  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.nn.extend import extend_head  # noqa: E402
from bitocr.lab.train.config import load_recipe, stage_network  # noqa: E402
from bitocr.lab.train.weights import load_weights, save_weights  # noqa: E402
from bitocr.native.engine import Engine  # noqa: E402
from networks import complete  # noqa: E402

CONFIGS = Path(__file__).parents[1] / "configs"
SMALL: dict[str, Any] = {"blocks": [[32, [2, 2]], [64, [2, 1]]], "neck": {"type": "bilstm", "hidden": 24}, "classes": 7}


@pytest.mark.parametrize("arch", ["bit_crnn", "mobilenet_crnn"])
@pytest.mark.parametrize("neck", [{"type": "bilstm", "hidden": 24}, {"type": "none"}])
def test_a_bottleneck_narrows_what_the_head_sees(arch: str, neck: dict[str, Any]) -> None:
    net = build({**SMALL, "arch": arch, "neck": neck, "head": {"bottleneck": 16}}).eval()
    images = torch.zeros(2, 1, 32, 40)
    assert net.head.weight.shape == (7, 16)
    assert isinstance(net.bottleneck, torch.nn.Linear)
    assert net.bottleneck.bias is None
    assert net.embed(images).shape == (2, 10, 16)
    assert net(images).shape == (2, 10, 7)
    torch.testing.assert_close(net(images), net.head(net.embed(images)))


def test_without_the_key_nothing_is_as_it_was_not() -> None:
    """Configs, headers and weights of other networks lack the key, so their checkpoints still work."""
    for config in (SMALL, {**SMALL, "head": None}, {**SMALL, "head": {}}):
        full = complete(config)
        assert "head" not in full
        assert "head" not in network_header(full)
        assert not [name for name in build(config).state_dict() if "bottleneck" in name]
    assert complete({**SMALL, "head": {"bottleneck": 16}})["head"] == {"bottleneck": 16}
    assert network_header(complete({**SMALL, "head": {"bottleneck": 16}}))["head"] == {"bottleneck": 16}


@pytest.mark.parametrize("head", [{"bottleneck": 20}, {"bottleneck": 48}, {"bottleneck": 0}])
def test_wrong_sizes(head: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"bottleneck is a multiple of 8 below the 48 that come in, not"):
        complete({**SMALL, "head": head})


@pytest.mark.parametrize(
    "head", [16, "16", [16], {"bottleneck": 16.0}, {"bottle": 16}, {"bottleneck": 16, "bias": True}]
)
def test_wrong_heads(head: Any) -> None:
    with pytest.raises(UsageError, match=r"network\.head is \{bottleneck: 96\} or left out, not"):
        complete({**SMALL, "head": head})


def test_weights_with_and_without_a_bottleneck_are_not_taken_for_each_other(tmp_path: Path) -> None:
    config = complete({**SMALL, "head": {"bottleneck": 16}})
    path = tmp_path / "weights.safetensors"
    save_weights(path, build(config), {"network": config, "charset": "abcdef"})
    assert load_weights(path)[0].bottleneck is not None
    with pytest.raises(ModelError, match="its weights are not those of this network"):
        load_weights(path, head=None)


def test_a_head_behind_a_bottleneck_is_widened() -> None:
    torch.manual_seed(0)
    net = build({**SMALL, "head": {"bottleneck": 16}}).eval()
    images = torch.randn(2, 1, 32, 40)
    before = net(images)
    extend_head(net, "abcdef", "é中")
    after = net(images)
    assert net.head.weight.shape == (9, 16)
    torch.testing.assert_close(after[..., :7], before)
    assert torch.equal(after.argmax(-1), before.argmax(-1))


def test_chinese_stays_within_a_megabyte_and_a_half(tmp_path: Path) -> None:
    first, recipe = (load_recipe(CONFIGS / name) for name in ("chinese-first.yaml", "chinese.yaml"))
    assert first.network == recipe.network
    assert recipe.charset.startswith(first.charset)
    network = stage_network(recipe, recipe.stages[-1])
    save_weights(tmp_path / "weights", build(network), {"network": network.plain(), "charset": recipe.charset})
    export_bit(tmp_path / "weights", tmp_path / "chinese.bit")
    assert 1_300_000 < (tmp_path / "chinese.bit").stat().st_size <= 1_500_000
    assert Engine(tmp_path / "chinese.bit").charset == recipe.charset
