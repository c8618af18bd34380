"""Effects that blur a picture blur less for a language with closer strokes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

from bitocr.lab.data.synth.effects import CAMERA, SCANNER, Effect, focus_blur, low_resolution, motion_blur, softened_by

STROKES = np.tile(np.repeat(np.array([20, 230], np.uint8), 2), (40, 20))
"""Columns of four pixels, a dark and a light half, in a picture of 40 rows."""


@pytest.mark.parametrize("effect", [focus_blur, motion_blur, low_resolution])
def test_less_softening_for_closer_strokes(effect: Effect) -> None:
    def contrast(pitch: float) -> float:
        ((soften, _),) = softened_by(((effect, 1.0),), pitch)
        return float(np.mean([soften(np.random.default_rng(seed), STROKES).std() for seed in range(30)]))

    assert contrast(0.4) > 1.1 * contrast(1.0)


@pytest.mark.parametrize("chain", [CAMERA, SCANNER])
def test_the_rest_of_a_chain_stays(chain: tuple[tuple[Effect, float], ...]) -> None:
    softened = softened_by(chain, 0.5)
    assert [share for _, share in softened] == [share for _, share in chain]
    changed = {before for (before, _), (after, _) in zip(chain, softened, strict=True) if after is not before}
    assert changed == {focus_blur, motion_blur, low_resolution} & {effect for effect, _ in chain}
