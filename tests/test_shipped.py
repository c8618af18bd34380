"""Requirements on every shipped model: a card, binary layers, and a real photo that it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bitocr import Reader
from bitocr.inspect.metrics import edit_distance, normalise_line
from bitocr.io import shipped
from bitocr.native.engine import kernels
from conftest import Result

DATA = Path(__file__).parent / "data"
MAX_BYTES = {"english": 512_000, "english-tiny": 200_000, "chinese": 1_500_000}


def sample(name: str) -> tuple[Path | Image.Image, str]:
    """A line that a model must read, and its text: a photo, or for Chinese a printed line."""
    if name != "chinese":
        return DATA / "bank.png", "AGRICULTURAL BANK OF CHINA"
    text = "中国人民 100"
    line = Image.new("L", (260, 44), 255)
    ImageDraw.Draw(line).text((8, 22), text, fill=0, font=ImageFont.truetype(str(DATA / "hanzi.otf"), 30), anchor="lm")
    return line, text


@pytest.mark.parametrize("name", shipped.names())
def test_card_and_size(run: Callable[..., Result], name: str) -> None:
    report = run("inspect", name, "--json").json
    assert report["bytes"] <= MAX_BYTES.get(name, 1 << 20)
    assert report["totals"]["one_bit_each"]
    assert {"name", "languages", "licence", "data", "trained", "accuracy"} <= set(report["card"])


@pytest.mark.parametrize("name", shipped.names())
def test_every_kernel_reads_a_line_alike(name: str) -> None:
    image, text = sample(name)
    texts = {Reader(name, kernel=kernel).read_line(image).text for kernel in kernels()}
    assert len(texts) == 1
    assert edit_distance(normalise_line(text), normalise_line(texts.pop())) <= len(text) // 3
