"""What is asked of every shipped model: a card, binary layers that are binary, a real photo read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bitocr import Reader, shipped
from bitocr.engine import kernels
from bitocr.metrics import edit_distance, normalise_line
from conftest import Result

PHOTO, TEXT = Path(__file__).parent / "data" / "bank.png", normalise_line("AGRICULTURAL BANK OF CHINA")
MAX_BYTES = {"english": 512_000, "english-tiny": 200_000}


@pytest.mark.parametrize("name", shipped.names())
def test_card_and_size(run: Callable[..., Result], name: str) -> None:
    report = run("inspect", name, "--json").json
    assert report["bytes"] <= MAX_BYTES.get(name, 1 << 20)
    assert report["totals"]["one_bit_each"]
    assert {"name", "languages", "licence", "data", "trained", "accuracy"} <= set(report["card"])


@pytest.mark.parametrize("name", shipped.names())
def test_every_kernel_reads_a_photo_alike(name: str) -> None:
    texts = {Reader(name, kernel=kernel).read_line(PHOTO).text for kernel in kernels()}
    assert len(texts) == 1
    assert edit_distance(TEXT, normalise_line(texts.pop())) <= len(TEXT) // 3
