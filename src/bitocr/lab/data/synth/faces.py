"""Finds the machine's faces, and tests which characters each really draws and whether they are legible.

Each face is tested once. The user's cache keeps the results under a key made from fontconfig's list.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.errors import BitocrError
from bitocr.io.files import write_atomic
from bitocr.lab.data.charset import ENGLISH, SIGNS
from bitocr.lab.data.synth.fontconfig import latin_faces
from bitocr.lab.data.synth.pen import Font, Mask, draw, open_face
from bitocr.lab.data.synth.typography import PRINTED
from bitocr.lab.data.synth.webfonts import family_key, web_families

_log = logging.getLogger(__name__)

FALLBACK = Path(__file__).parent / "fallback" / "Cabin-Regular.otf"
VERSION = 8
_PROBE = 24
_USUAL = ENGLISH[1:] + PRINTED  # a face with these is a good one
_PROBED = _USUAL + "".join(c for c in SIGNS if c not in PRINTED)
_THUMB = 12
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_CAPITALS = _LETTERS[:26]
_LOOKALIKES = str.maketrans("0Il1|", "ooooo")
_LEGIBLE = 0.55
_LEGIBLE_LISTED = 0.1  # known Latin scripts hardly look like the median letter
_FEWEST = 10


@dataclass(frozen=True)
class Face:
    """A face of a font file. `missing` holds the characters that it does not draw or draws as a placeholder."""

    path: str
    index: int
    family: str
    style: str
    missing: str = ""
    caps_only: bool = False
    monospaced: bool = False
    legibility: float = 1.0

    def written(self, text: str) -> str:
        """The text as this face shows it: in capitals if it has only those."""
        return text.upper() if self.caps_only else text

    def open(self, size: float) -> Font:
        return open_face(self.path, self.index, size)

    def covers(self, text: str) -> bool:
        return not self.missing or not any(character in self.missing for character in text)


@lru_cache(maxsize=1)
def find_faces() -> tuple[Face, ...]:
    """All usable faces of this machine; with a warning, the bundled one too if fontconfig finds hardly any."""
    listing = latin_faces()
    faces = _remembered(listing) if listing else ()
    if len(faces) < _FEWEST:
        _log.warning("bitocr: hardly any fonts on this machine, drawing with the bundled one too: run make fonts")
        return (*faces, *describe([Face(str(FALLBACK), 0, "Cabin", "Regular")]))
    return faces


def _remembered(listing: str) -> tuple[Face, ...]:
    key = hashlib.sha256(f"{VERSION}\n{listing}".encode()).hexdigest()[:16]
    path = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bitocr" / f"faces-{key}.json"
    try:
        return tuple(Face(**entry) for entry in json.loads(path.read_text()))
    except (OSError, ValueError, TypeError):
        faces = describe(parse(listing))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps([asdict(face) for face in faces]).encode())
    except (OSError, BitocrError):
        pass  # without the cache, only the next start takes seconds longer
    return faces


def family_name(name: str) -> str:
    """The name of a family. Noto's hundred scripts share their Latin letters, so they count as one family."""
    words = name.split()
    return " ".join(words[:2]) if words[0] == "Noto" else name


def parse(listing: str, named: Callable[[str], str] = family_name) -> list[Face]:
    """The faces of a listing, one per family and style, without Type 1 files: slow, and available as OpenType."""
    found: dict[tuple[str, str], Face] = {}
    for line in listing.splitlines():
        path, index, family, style, kind = (line.split("\t") + [""] * 5)[:5]
        if kind in ("TrueType", "CFF") and index.isdigit() and "Emoji" not in family:
            found.setdefault((family, style), Face(path, int(index), named(family), style))
    return list(found.values())


def describe(faces: list[Face]) -> tuple[Face, ...]:
    """The faces that draw legible letters, each design once, with the results of their tests."""
    probes = {face: probe for face in faces if (probe := _probe(face))}
    good = [probe for probe in probes.values() if probe.ink.keys() >= set(_USUAL)]
    models = _models(good or list(probes.values()))
    described, seen = [], set()
    for face, probe in probes.items():
        legibility = _legibility(probe, models)
        least = _LEGIBLE_LISTED if family_key(face.family) in web_families() else _LEGIBLE
        if legibility >= least and probe.fingerprint not in seen:
            seen.add(probe.fingerprint)
            described.append(probe.describe(face, legibility))
    return tuple(described)


@dataclass(frozen=True)
class _Probe:
    """A face's characters at one size: their ink, and thumbnails uint8 [12, 12] for comparing."""

    ink: dict[str, bytes]
    thumbs: dict[str, NDArray[np.float32]]
    advances: tuple[float, float]

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha256(b"".join(self.ink.values())).digest()

    def describe(self, face: Face, legibility: float) -> Face:
        pairs = [(c.upper(), c) for c in "abdefghijlmnqrty" if c in self.ink and c.upper() in self.ink]
        alike = sum(float((self.thumbs[a] * self.thumbs[b]).sum()) > 0.9 for a, b in pairs)
        return Face(
            face.path, face.index, face.family, face.style,
            missing="".join(c for c in _PROBED if c not in self.ink),
            caps_only=alike > len(pairs) / 2,
            monospaced=self.advances[0] == self.advances[1],
            legibility=round(legibility, 3),
        )  # fmt: skip


def _probe(face: Face) -> _Probe | None:
    """Probes a face; None if FreeType cannot open or draw it, it lacks a capital, or its space has ink."""
    try:
        font = open_face(face.path, face.index, _PROBE)
        nothing = draw(font, "\uffff")[0].tobytes()
        masks = {c: draw(font, c)[0] for c in _PROBED}
        advances = (font.getlength("i"), font.getlength("M"))
    except (OSError, ValueError, MemoryError):
        return None
    masks = {c: m for c, m in masks.items() if m.size and m.max() > 60 and m.tobytes() != nothing}
    ink = {c: m.tobytes() for c, m in masks.items()}
    shared = Counter(ink.values())
    masks = {c: m for c, m in masks.items() if shared[ink[c]] < 4}  # o, O and 0 may look alike; more is a placeholder
    if not all(c in masks for c in _CAPITALS) or draw(font, " ")[0].any() or font.getlength(" ") > _PROBE:
        return None
    return _Probe({c: ink[c] for c in masks}, {c: _thumb(m) for c, m in masks.items()}, advances)


def _thumb(mask: Mask) -> NDArray[np.float32]:
    """The ink's box scaled to 12x12 (its aspect ratio kept in part), blurred, with mean 0 and norm 1."""
    height, width = mask.shape
    scaled = cv2.resize(mask, (_THUMB, _THUMB), interpolation=cv2.INTER_AREA).astype(np.float32)
    scaled = np.asarray(cv2.GaussianBlur(scaled, (3, 3), 0.8), np.float32)
    scaled = np.asarray(scaled - scaled.mean(), np.float32)
    aspect = np.full((1, _THUMB), np.clip(np.log(width / height), -1.5, 1.5) * 40, np.float32)
    thumb = np.concatenate([scaled, aspect])
    return np.asarray(thumb / max(1.0, float(np.linalg.norm(thumb))), np.float32)


def _models(probes: list[_Probe]) -> NDArray[np.float32]:
    """The median shape of each of _LETTERS over all faces, [62, features]."""
    size = (_THUMB + 1) * _THUMB
    blank = np.zeros(size, np.float32)
    seen = [[probe.thumbs[c].ravel() for probe in probes if c in probe.thumbs] or [blank] for c in _LETTERS]
    return np.stack([np.median(thumbs, axis=0) for thumbs in seen]).astype(np.float32)


def _legibility(probe: _Probe, models: NDArray[np.float32]) -> float:
    """The share of the face's letters and digits that are closest to the right model, ignoring case and look-alikes."""
    present = [c for c in _LETTERS if c in probe.thumbs]
    if not present:
        return 0.0
    scores = np.stack([probe.thumbs[c].ravel() for c in present]) @ models.T
    plain = _LETTERS.translate(_LOOKALIKES).lower()
    nearest = [plain[i] for i in scores.argmax(axis=1)]
    return sum(a == b.translate(_LOOKALIKES).lower() for a, b in zip(nearest, present, strict=True)) / len(present)
