"""Starting from weights of a smaller charset or fewer blocks: known characters read as before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import BitocrWarning, ModelError  # noqa: E402
from bitocr.lab.config.network import AnyNetwork, Block, open_network  # noqa: E402
from bitocr.lab.data.charset import ENGLISH, open_charset  # noqa: E402
from bitocr.lab.nn.crnn import build  # noqa: E402
from bitocr.lab.train.deepen import places_of  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402
from bitocr.lab.train.widen import load_start  # noqa: E402

SMALL = open_charset("chinese:150").characters
LARGE = open_charset("chinese:400").characters
NETWORK: dict[str, Any] = {"blocks": [[32, [2, 2]]], "neck": {"type": "bilstm", "hidden": 16}, "stage": "float"}


def network_of(charset: str, **changes: Any) -> AnyNetwork:
    return open_network({**NETWORK, **changes, "classes": len(charset) + 1})


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    config = network_of(SMALL, head={"bottleneck": 8})
    save_weights(tmp_path / "small", build(config), {"network": config.plain(), "charset": SMALL})
    return tmp_path / "small"


def test_a_widened_network_gives_what_was_known_the_same_logits(weights: Path) -> None:
    images = torch.randn(2, 1, 32, 64)
    before = load_start(weights, SMALL, network_of(SMALL, head={"bottleneck": 8})).eval()
    after = load_start(weights, LARGE, network_of(LARGE, head={"bottleneck": 8})).eval()
    with torch.no_grad():
        known, all_ = before(images), after(images)
    assert all_.shape[-1] == len(LARGE) + 1
    torch.testing.assert_close(all_[..., : known.shape[-1]], known)
    assert (all_[..., known.shape[-1] :].amax(-1) < known.amax(-1)).all()


@pytest.mark.parametrize(
    ("changes", "kept"),
    [
        ({"head": {"bottleneck": 16}}, ("backbone.", "neck.")),
        ({}, ("backbone.", "neck.")),
        ({"head": {"bottleneck": 8}, "neck": {"type": "bilstm", "hidden": 24}}, ("backbone.",)),
        ({"head": {"bottleneck": 8}, "blocks": [[32, [2, 2]], [32, [2, 1]]]}, ("backbone.",)),
    ],
)
def test_parts_of_another_shape_start_afresh(weights: Path, changes: dict[str, Any], kept: tuple[str, ...]) -> None:
    old = load_start(weights, SMALL, network_of(SMALL, head={"bottleneck": 8})).state_dict()
    message = f"^{weights}: not the same .*head as in the recipe: training them from new weights$"
    with pytest.warns(BitocrWarning, match=message):
        new = load_start(weights, LARGE, network_of(LARGE, **changes)).state_dict()
    same = {name for name, tensor in new.items() if name in old and torch.equal(old[name], tensor)}
    assert {name for name in old if name.startswith(kept)} <= same
    assert not any(name.startswith("head.") for name in same)


def test_other_blocks_do_not_fit(weights: Path) -> None:
    with pytest.raises(ModelError, match="not those of this network"):
        load_start(weights, LARGE, network_of(LARGE, head={"bottleneck": 8}, blocks=[[64, [2, 2]]]))


def test_another_charset_is_no_start(weights: Path) -> None:
    with pytest.raises(ModelError, match="made for another charset"):
        load_start(weights, ENGLISH[::-1], network_of(ENGLISH, head={"bottleneck": 8}))


def test_english_is_the_beginning_of_chinese() -> None:
    assert SMALL.startswith(ENGLISH)


DEEPER = [[32, [1, 1]], [32, [2, 2]], [32, [1, 1]]]


@pytest.mark.parametrize("stage", ["float", "activations", "both"])
def test_added_blocks_are_the_identity_and_learn(tmp_path: Path, stage: str) -> None:
    shallow = network_of(SMALL, blocks=DEEPER[1:2], stage=stage)
    save_weights(tmp_path / "shallow", build(shallow), {"network": shallow.plain(), "charset": SMALL})
    images = torch.randn(2, 1, 32, 64)
    before = load_start(tmp_path / "shallow", SMALL, shallow).eval()
    deeper = load_start(tmp_path / "shallow", SMALL, network_of(SMALL, blocks=DEEPER[1:], stage=stage))
    with torch.no_grad():
        torch.testing.assert_close(deeper.eval()(images), before(images))
    deeper.train()(images).square().sum().backward()
    assert deeper.get_parameter("backbone.blocks.1.norm2.weight").grad.abs().min() > 0  # type: ignore[union-attr]


def test_a_block_that_cannot_be_the_identity_is_refused(tmp_path: Path) -> None:
    shallow = network_of(SMALL, blocks=DEEPER[1:2])
    save_weights(tmp_path / "shallow", build(shallow), {"network": shallow.plain(), "charset": SMALL})
    with pytest.raises(ModelError, match="its weights are not those of this network"):
        load_start(tmp_path / "shallow", SMALL, network_of(SMALL, blocks=[[32, [2, 2]], [64, [1, 1]]]))


@pytest.mark.parametrize(
    ("theirs", "ours", "places"),
    [
        ([[32, [1, 1]], [64, [2, 2]]], [[32, [1, 1]], [32, [1, 1]], [64, [2, 2]], [64, [1, 1]]], [0, 2]),
        ([[64, [2, 2]], [64, [1, 1]]], [[64, [2, 2]], [64, [1, 1]], [64, [1, 1]]], [0, 1]),
        ([[64, [2, 2]], [64, [1, 1]]], [[64, [2, 2]]], None),
        ([[64, [2, 2]]], [[32, [1, 1]], [64, [2, 2]]], None),
        ([[32, [2, 2]]], [[32, [2, 2]], [32, [2, 1]]], None),
        ([[32, [2, 2]]], [[32, [2, 2]], [64, [1, 1]]], None),
    ],
)
def test_where_blocks_are_added(theirs: list[Any], ours: list[Any], places: list[int] | None) -> None:
    blocks = [[Block(channels=channels, stride=tuple(stride)) for channels, stride in each] for each in (theirs, ours)]
    assert places_of(*blocks) == places
