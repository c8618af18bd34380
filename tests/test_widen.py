"""Weights of a smaller charset as a start: what was known reads as before, what is built otherwise starts afresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from bitocr.errors import ModelError  # noqa: E402
from bitocr.lab.data.charset import ENGLISH, open_charset  # noqa: E402
from bitocr.lab.nn.crnn import build, complete  # noqa: E402
from bitocr.lab.train.weights import save_weights  # noqa: E402
from bitocr.lab.train.widen import load_start  # noqa: E402

SMALL = open_charset("chinese:150").characters
LARGE = open_charset("chinese:400").characters
NETWORK: dict[str, Any] = {"blocks": [[32, [2, 2]]], "neck": {"type": "bilstm", "hidden": 16}, "stage": "float"}


def config_of(charset: str, **changes: Any) -> dict[str, Any]:
    return complete({**NETWORK, **changes, "classes": len(charset) + 1})


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    config = config_of(SMALL, head={"bottleneck": 8})
    save_weights(tmp_path / "small", build(config), {"network": config, "charset": SMALL})
    return tmp_path / "small"


def test_a_widened_network_gives_what_was_known_the_same_logits(weights: Path) -> None:
    images = torch.randn(2, 1, 32, 64)
    before = load_start(weights, SMALL, config_of(SMALL, head={"bottleneck": 8})).eval()
    after = load_start(weights, LARGE, config_of(LARGE, head={"bottleneck": 8})).eval()
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
    old = load_start(weights, SMALL, config_of(SMALL, head={"bottleneck": 8})).state_dict()
    new = load_start(weights, LARGE, config_of(LARGE, **changes)).state_dict()
    same = {name for name, tensor in new.items() if name in old and torch.equal(old[name], tensor)}
    assert {name for name in old if name.startswith(kept)} <= same
    assert not any(name.startswith("head.") for name in same)


def test_other_blocks_do_not_fit(weights: Path) -> None:
    with pytest.raises(ModelError, match="not those of this network"):
        load_start(weights, LARGE, config_of(LARGE, head={"bottleneck": 8}, blocks=[[64, [2, 2]]]))


def test_another_charset_is_no_start(weights: Path) -> None:
    with pytest.raises(ModelError, match="made for another charset"):
        load_start(weights, ENGLISH[::-1], config_of(ENGLISH, head={"bottleneck": 8}))


def test_english_is_the_beginning_of_chinese() -> None:
    assert SMALL.startswith(ENGLISH)
