"""Chooses a face: first a class (sans, serif, mono, display, script), then a family, then one of its faces."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bitocr.lab.data.synth.chance import Weighted, happens
from bitocr.lab.data.synth.faces import Face, find_faces
from bitocr.lab.data.synth.split import of_split
from bitocr.lab.data.synth.webfonts import family_key, web_families

Rng = np.random.Generator


def _read_families() -> list[tuple[str, re.Pattern[str]]]:
    """(class, expression) of each line of families.txt."""
    lines = (Path(__file__).parent / "families.txt").read_text().splitlines()
    pairs = (line.split("  ", 1) for line in lines if line and not line.startswith("#"))
    return [(name, re.compile(expression, re.IGNORECASE)) for name, expression in pairs]


_FAMILIES = _read_families()
_TYPEFACES = [(name, expression) for name, expression in _FAMILIES if name in ("sans", "serif", "display")]

# How often each kind of picture takes a face from each class.
ROLES: dict[str, dict[str, float]] = {
    "scene": {"sans": 43, "serif": 19, "mono": 3, "display": 22, "script": 13},
    "receipt": {"mono": 62, "sans": 30, "serif": 4, "display": 4},
    "form": {"mono": 12, "typewriter": 30, "sans": 33, "serif": 25},
    "book": {"serif": 96, "sans": 1, "mono": 1, "display": 2},
    "fancy": {"script": 48, "display": 40, "serif": 6, "sans": 6},
    "code": {"mono": 34, "sans": 40, "serif": 14, "typewriter": 6, "display": 6},
}


def classify(face: Face) -> str:
    """sans, serif, mono, display or script. The name decides, since shapes are unreliable."""
    if face.monospaced:
        return "mono"
    if listed := web_families().get(family_key(face.family)):
        return listed
    return next((name for name, expression in _TYPEFACES if expression.search(face.family)), "display")


def _is(label: str, family: str) -> bool:
    """Whether families.txt gives the family a label: common, typewriter."""
    return any(name == label and expression.search(family) for name, expression in _FAMILIES)


def _family_weight(faces: Sequence[Face]) -> float:
    legibility = max(face.legibility for face in faces)
    boost = 4.0 if _is("common", faces[0].family) else 1.0
    least = 0.5 if family_key(faces[0].family) in web_families() else 0.1
    return boost * min(1.0, max(least, (legibility - 0.4) / 0.4))


def _face_weight(face: Face) -> float:
    """The weight of a face: plain styles come more often than a family's many instances."""
    return 3.0 if face.style.split(",")[0] in ("Regular", "Bold", "Book", "Roman", "Medium", "Normal") else 1.0


def _draw_family(families: dict[str, list[Face]]) -> Weighted[Weighted[Face]]:
    """Draws the families of a class by weight; each family draws one of its faces."""
    return Weighted(
        {Weighted({face: _face_weight(face) for face in faces}): _family_weight(faces) for faces in families.values()}
    )


class FontBook:
    """The usable faces of a split, ordered for drawing. `faces=None` takes all of this machine."""

    def __init__(self, faces: Sequence[Face] | None = None, split: str = "all") -> None:
        self.faces = of_split(find_faces() if faces is None else faces, split)
        if not self.faces:
            raise ValueError("a font book needs at least one face")
        classes: dict[str, dict[str, list[Face]]] = defaultdict(lambda: defaultdict(list))
        for face in self.faces:
            classes[classify(face)][face.family].append(face)
            if face.monospaced and _is("typewriter", face.family):
                classes["typewriter"][face.family].append(face)
        self._families = {name: _draw_family(families) for name, families in classes.items()}
        self._classes = {role: self._draw_class(shares) for role, shares in ROLES.items()}

    def _draw_class(self, shares: dict[str, float]) -> Weighted[str]:
        """The classes by share, or any class if none of these has faces."""
        present = {name: share for name, share in shares.items() if name in self._families}
        return Weighted(present or dict.fromkeys(self._families, 1.0))

    def __call__(self, rng: Rng, role: str, text: str) -> Face | None:
        """A face that has every character of `text`; None if thirty tries found none."""
        for _ in range(30):
            face = self._families[self._classes[role](rng)](rng)(rng)
            if face.covers(text) and (not face.caps_only or text == text.upper() or happens(rng, 0.2)):
                return face
        return None
