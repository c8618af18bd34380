"""The committed golden values: the readings of models and the weights of a short training, to the bit."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bitocr.io.shipped import names
from bitocr.native.engine import kernels

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import golden

EXPECTED = json.loads(golden.GOLDEN.read_text())
CASES = [(model, decoding, kernels()[0]) for model in names(".bit") for decoding in golden.DECODINGS]
# Kernels agree to the bit in every layer (test_kernels.py), so one decoding shows it for each of the others.
CASES += [("english", "greedy", kernel) for kernel in kernels()[1:]]


@pytest.mark.parametrize(("model", "decoding", "kernel"), CASES)
def test_readings(model: str, decoding: str, kernel: str) -> None:
    found = golden.reading_sums(model, decoding, kernel, golden.images(golden.DATA))
    assert found == EXPECTED[f"{model} {decoding}"]


def test_every_sum_is_compared() -> None:
    assert set(EXPECTED) == {f"{model} {decoding}" for model, decoding, _ in CASES} | {"training"}


def test_training() -> None:
    pytest.importorskip("torch")
    assert golden.training_sums(golden.DATA / "lines" / "labels.tsv") == EXPECTED["training"]
