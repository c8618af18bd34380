"""Choosing a face: first its class (sans, serif, mono, display), then its family, then one of the family's faces."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from bitocr.lab.data.synth.chance import Weighted, happens
from bitocr.lab.data.synth.faces import Face, find_faces

Rng = np.random.Generator

_SERIF = re.compile(
    r"serif|roman|times|bookman|garamond|schola|caslon|libertine|baskerv|didot|cardo|gentium|charis|doulos|vollkorn|termes"
    r"|pagella|bonum|antiqua|old standard|century|tribun|elstob|junicode|yrsa|arapey|accanthis|berenis|irianis|romande|quattrocento"
    r"|caladea|concrete|goudy|fanwood|linden|essays|stix|c059|p052|tinos|crimson|charter|rasa|oldania|verana serif|indunit?-t",
    re.IGNORECASE,
)
_SANS = re.compile(
    r"sans|lato|roboto|inter|arimo|carlito|cabin|cantarell|karla|manrope|dosis|jura|gillius|universalis|switzera|heros|adventor"
    r"|gothic|oswald|league spartan|bebas|hel|oxygen|play$|quicksand|comfortaa|sora|junction|go$|go medium|b612|tuffy|beteckna|biolinum"
    r"|tiresias|routed|roadgeek|national park|raleway|montserrat|titillium|ubuntu|yanone|fira|rubik|mukta|din|andika|hind|allerta"
    r"|ikarius|libris|solothurn|clear|bright|dustismo$|averia|overpass|cmu sans|d-din",
    re.IGNORECASE,
)
_COMMON = re.compile(
    r"^(dejavu sans|dejavu serif|liberation sans|liberation serif|liberation sans narrow|arimo|tinos|cousine|carlito|caladea"
    r"|open sans|roboto|roboto condensed|noto sans|noto serif|lato|nimbus sans|nimbus roman|nimbus sans narrow|freesans|freeserif"
    r"|urw gothic|urw bookman|tex gyre heros.*|tex gyre termes|bebas neue|league spartan|oswald|ubuntu|yanone kaffeesatz"
    r"|liberation mono|dejavu sans mono|courier prime|tex gyre cursor|nimbus mono ps|ocrb?|ocr b|inconsolata|c059|p052)$",
    re.IGNORECASE,
)
_TYPEWRITER = re.compile(r"typewriter|courier|cursor|nimbus mono|elite|pica|freemono|cousine|liberation mono", re.IGNORECASE)

# For each kind of picture, how often each class of faces is drawn from.
ROLES = {
    "scene": {"sans": 52, "serif": 22, "mono": 4, "display": 22},
    "receipt": {"mono": 62, "sans": 30, "serif": 4, "display": 4},
    "form": {"mono": 12, "typewriter": 30, "sans": 33, "serif": 25},
    "book": {"serif": 96, "sans": 1, "mono": 1, "display": 2},
}


def classify(face: Face) -> str:
    """sans, serif, mono or display. Names decide, for shapes deceive; what is in no list is display."""
    if face.monospaced:
        return "mono"
    if face.family.endswith(" BRK"):
        return "display"
    if _SANS.search(face.family):
        return "sans"
    return "serif" if _SERIF.search(face.family) else "display"


def _family_weight(faces: Sequence[Face]) -> float:
    legibility = max(face.legibility for face in faces)
    boost = 4.0 if _COMMON.search(faces[0].family) else 1.0
    return boost * min(1.0, max(0.1, (legibility - 0.4) / 0.4))


def _face_weight(face: Face) -> float:
    """The plain styles of a family more often than its many instances."""
    return 3.0 if face.style.split(",")[0] in ("Regular", "Bold", "Book", "Roman", "Medium", "Normal") else 1.0


class FontBook:
    """The usable faces, ordered for drawing. `faces=None` takes all that the machine has."""

    def __init__(self, faces: Sequence[Face] | None = None) -> None:
        self.faces = tuple(faces) if faces is not None else find_faces()
        if not self.faces:
            raise ValueError("a font book needs at least one face")
        classes: dict[str, dict[str, list[Face]]] = defaultdict(lambda: defaultdict(list))
        for face in self.faces:
            classes[classify(face)][face.family].append(face)
            if face.monospaced and _TYPEWRITER.search(face.family):
                classes["typewriter"][face.family].append(face)
        self._families = {
            name: Weighted({Weighted({f: _face_weight(f) for f in faces}): _family_weight(faces) for faces in families.values()})
            for name, families in classes.items()
        }
        self._classes = {
            role: Weighted({name: share for name, share in shares.items() if name in self._families} or {next(iter(classes)): 1})
            for role, shares in ROLES.items()
        }

    def __call__(self, rng: Rng, role: str, text: str) -> Face | None:
        """A face that has every character of `text`; None if thirty draws found none."""
        for _ in range(30):
            face = self._families[self._classes[role](rng)](rng)(rng)
            if face.covers(text) and (not face.caps_only or text == text.upper() or happens(rng, 0.1)):
                return face
        return None
