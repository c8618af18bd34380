"""Chooses a Han face: first a class, then a family, then one of its faces, as `synth.fonts` does for Latin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from bitocr.lab.data.synth.chance import Weighted
from bitocr.lab.data.synth.chinese.faces import HanFace, find_han_faces
from bitocr.lab.data.synth.chinese.families import family_class
from bitocr.lab.data.synth.split import of_split

Rng = np.random.Generator

# How often each kind of picture takes a face from each class.
ROLES: dict[str, dict[str, float]] = {
    "scene": {"sans": 46, "serif": 14, "kai": 9, "round": 5, "display": 12, "hand": 11, "fang": 3},
    "screen": {"sans": 86, "serif": 8, "kai": 4, "round": 1, "display": 1},
    "receipt": {"sans": 50, "serif": 48, "kai": 2},
    "form": {"sans": 38, "serif": 44, "kai": 10, "fang": 8},
    "book": {"sans": 13, "serif": 70, "kai": 11, "fang": 6},
}
_PLAIN = ("Regular", "Bold", "Medium", "Book")


class HanBook:
    """The usable faces, ordered for drawing.

    Args:
        characters: the charset.
        faces: the faces; None takes all of this machine.
        split: the split of the faces.
    """

    def __init__(self, characters: str, faces: Sequence[HanFace] | None = None, split: str = "all") -> None:
        self.faces = of_split(find_han_faces(characters) if faces is None else faces, split)
        families: dict[tuple[str, str], list[HanFace]] = defaultdict(list)
        for face in self.faces:
            families[family_class(face.family)[0], face.family].append(face)
        classes: dict[str, dict[Weighted[HanFace], float]] = defaultdict(dict)
        for (name, family), members in families.items():
            plain = {face: 2.0 if face.style.split(",")[0] in _PLAIN else 1.0 for face in members}
            classes[name][Weighted(plain)] = family_class(family)[1]
        self._families = {name: Weighted(weights) for name, weights in classes.items()}
        self._classes = {role: self._draw_class(shares) for role, shares in ROLES.items()}

    def _draw_class(self, shares: dict[str, float]) -> Weighted[str]:
        """The classes by share, or any class if none of these has faces."""
        present = {name: share for name, share in shares.items() if name in self._families}
        return Weighted(present or dict.fromkeys(self._families, 1.0))

    def __call__(self, rng: Rng, role: str, text: str) -> HanFace | None:
        """A face that has every character of `text`; None if thirty tries found none."""
        for _ in range(30):
            face = self._families[self._classes[role](rng)](rng)(rng)
            if face.covers(text):
                return face
        return None
