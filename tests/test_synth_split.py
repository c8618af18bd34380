"""Faces held back for validation: always the same ones, and never drawn where training draws."""

from __future__ import annotations

import pytest

pytest.importorskip("cv2")

from bitocr.errors import UsageError
from bitocr.lab.data.synth import Renderer
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.split import is_held_back, of_split

FACES = [Face(f"/{number}.ttf", 0, f"Family {number}", style) for number in range(200) for style in ("Regular", "Bold")]


def test_a_tenth_is_held_back_and_the_rest_trains() -> None:
    training, held = of_split(FACES, "training"), of_split(FACES, "validation")
    assert of_split(FACES, "all") == tuple(FACES)
    assert 20 < len(held) < 60
    assert {*training, *held} == {*FACES}
    assert not {*training} & {*held}


def test_names_alone_decide() -> None:
    """The path of a file and the other files do not matter: the split is the same on every machine."""
    assert is_held_back(Face("/usr/share/a.ttc", 2, "Noto Sans CJK SC", "Bold"))
    assert is_held_back(Face("/home/me/b.otf", 0, "Noto Sans CJK SC", "Bold"))
    assert not is_held_back(Face("/usr/share/a.ttc", 2, "Noto Sans CJK SC", "Regular"))


@pytest.mark.parametrize(
    ("split", "message"), [("test", "choose one of all, training, validation"), ("validation", "none of the 1 faces")]
)
def test_wrong_splits(split: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        of_split([Face("/a.ttf", 0, "Noto Sans CJK SC", "Regular")], split)


def test_a_renderer_draws_with_its_split() -> None:
    held, other = (Face("/a.ttf", 0, "Noto Sans CJK SC", style) for style in ("Bold", "Regular"))
    assert Renderer("words", fonts=[held, other], split="training").faces == (other,)
    assert Renderer("words", fonts=[held, other], split="validation").faces == (held,)
