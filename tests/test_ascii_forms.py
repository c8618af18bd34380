"""Signs as a keyboard writes them, alone and as a reader gives them."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import random_model
from bitocr import Reader
from bitocr.lab.data.charset import SIGNS
from bitocr.language.ascii_forms import ASCII_FORMS, to_ascii
from conftest import picture


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("“It’s…”", '"It\'s..."'),
        ("3–4 — 5×6", "3-4 -- 5x6"),
        ("½ µm²", "1/2 um2"),
        ("€9 café", "EUR9 café"),
    ],
)
def test_to_ascii(text: str, expected: str) -> None:
    assert to_ascii(text) == expected


def test_every_sign_has_a_form() -> None:
    assert set(ASCII_FORMS) == set(SIGNS)
    assert all(form.isascii() and form for form in ASCII_FORMS.values())


def test_a_reader_folds() -> None:
    model = random_model.model("—½é’")
    images = [picture(seed, 32, 120) for seed in range(6)]
    plain, folded = (Reader(model, ascii=ascii) for ascii in (False, True))
    lines = plain.read_lines(images)
    assert any("½" in line.text for line in lines)
    for line, other in zip(lines, pickle.loads(pickle.dumps(folded)).read_lines(images), strict=True):
        assert other.text == to_ascii(line.text)
        assert other.text == "".join(char.char for char in other.chars)
        assert other.confidence == line.confidence
        assert {char.x for char in other.chars} == {char.x for char in line.chars}
    assert np.isfinite([line.confidence for line in lines]).all()
