"""Printed signs in place of those of the keyboard: pictures show them, and labels never have them."""

from __future__ import annotations

import numpy as np
import pytest

from bitocr.lab.data.charset import ENGLISH
from bitocr.lab.data.synth import Renderer
from bitocr.lab.data.synth.layout import arc
from bitocr.lab.data.synth.typography import PRINTED, typeset


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ('"How', "“How"),
        ('year"', "year”"),
        ("say \"no\" ('yes')", "say “no” (‘yes’)"),
        ("it's", "it’s"),
        ("1914-18", "1914–18"),
        ("well-known", "well-known"),
        ("so--", "so—"),
        ("wait...", "wait…"),
    ],
)
def test_typeset(text: str, printed: str) -> None:
    seen = {typeset(np.random.default_rng(seed), text) for seed in range(60)}
    assert seen == {text, printed}


def test_labels_stay_in_the_charset() -> None:
    renderer = Renderer(kind="lines", seed=3)
    assert set("".join(renderer.render(i)[1] for i in range(60))) <= set(ENGLISH)
    assert not set(PRINTED) & set(ENGLISH)


@pytest.mark.parametrize("seed", range(8))
def test_arc_keeps_the_ink(seed: int) -> None:
    mask = np.full((20, 120), 255, np.uint8)
    bent = arc(np.random.default_rng(seed), mask)
    assert bent.shape[0] > 20  # higher, for its ends hang or rise
    assert int(bent.sum()) == pytest.approx(int(mask.sum()), rel=0.35)
    assert bent[:, bent.shape[1] // 2].sum() > 0.8 * 20 * 255  # the middle stands upright
