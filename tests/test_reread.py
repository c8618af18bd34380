"""Reading unsure lines again in other views: which reading is taken, and that nothing else changes."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import random_model
from bitocr import Reader, bitfile
from bitocr.engine import Engine, natural_width, prepare
from bitocr.errors import UsageError
from conftest import CHARSET, Result, picture

Run = Callable[..., Result]
IMAGES = [picture(seed, 32, 60 + 8 * seed) for seed in range(16)]


@pytest.fixture(scope="module")
def model() -> bytes:
    """A random model, sure enough of itself for confidences of all sizes."""
    header = {**random_model.header(CHARSET), "calibration": {"slope": 0.7, "offset": 0.5}}
    tensors = random_model.tensors(header)
    return bitfile.dump(header, {**tensors, "head.scale": 40 * tensors["head.scale"]})


def views(engine: Engine, image: np.ndarray) -> list[dict]:
    """The readings of an image as it is, narrower and inverted, each on its own."""
    height, width = image.shape
    usual = natural_width(width, height)
    inputs = [prepare(image), prepare(image, usual * 8 // 10 // -4 * -4), -prepare(image)]
    return [engine.decode(engine.logprobs(np.ascontiguousarray(q)), width) for q in inputs]


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.7, 1.0])
def test_the_surest_reading_is_taken(model: bytes, threshold: float) -> None:
    engine = Engine(model)
    lines = Engine(model, threads=2, reread=threshold).recognize(IMAGES)
    changed = 0
    for image, line in zip(IMAGES, lines, strict=True):
        expected, *others = views(engine, image)
        usual = expected
        for other in others:
            if expected["confidence"] < threshold and other["confidence"] > expected["confidence"]:
                expected = other
        assert line == expected
        changed += expected is not usual
    assert (changed > 0) == (threshold > 0)
    assert changed < len(IMAGES)


def test_readers_and_the_command_line_hand_it_on(run: Run, model: bytes, tmp_path: Path) -> None:
    (tmp_path / "sure.bit").write_bytes(model)
    Image.fromarray(IMAGES[3]).save(tmp_path / "a.png")
    for threshold in (0.0, 1.0):
        reader = pickle.loads(pickle.dumps(Reader(model, reread=threshold)))
        line = reader.read_line(IMAGES[3])
        found = run(
            "read", "--line", tmp_path / "a.png", "--model", tmp_path / "sure.bit", "--reread", threshold, "--json"
        )
        assert found.json["text"] == line.text
        assert found.json["confidence"] == pytest.approx(line.confidence, abs=1e-4)
    assert line.confidence > Reader(model).read_line(IMAGES[3]).confidence


@pytest.mark.parametrize(
    ("threshold", "message"), [(-0.1, "from 0 to 1"), (1.1, "from 0 to 1"), (float("nan"), "from 0 to 1")]
)
def test_wrong_thresholds(model: bytes, threshold: float, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Reader(model, reread=threshold)


def test_it_takes_a_calibrated_model() -> None:
    with pytest.raises(UsageError, match="bitocr calibrate"):
        Reader(random_model.model(CHARSET), reread=0.5)
