"""This machine's faces with Han characters. Each has an atlas, drawn on first use and kept in the user's cache."""

from __future__ import annotations

import hashlib
import logging
import os
import random
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from bitocr.errors import BitocrError, UsageError
from bitocr.lab.data.charset import open_charset
from bitocr.lab.data.synth.chinese.atlas import Atlas, AtlasFont, draw_atlas, load_atlas, save_atlas
from bitocr.lab.data.synth.chinese.families import family_class
from bitocr.lab.data.synth.faces import Face, parse
from bitocr.lab.data.synth.fontconfig import han_faces

_log = logging.getLogger(__name__)

VERSION = 2
FULL_WIDTH = "".join(chr(code) for code in (*range(0xFF01, 0xFF5F), 0xFFE5))
"""Forms that occur in pictures but not in labels: see `charset.normalise`."""
LIST = Path(__file__).parent / "debian-fonts.txt"
_FEWEST = 300
"""The least number of hanzi that a face must have."""


@dataclass(frozen=True, eq=False)
class HanFace(Face):
    """A face with Han characters; `atlas` has the characters that it draws."""

    atlas: Atlas | None = field(default=None, repr=False)

    def covers(self, text: str) -> bool:
        return self.atlas is not None and self.atlas.covers(text)

    def open(self, size: float, latin: Face | None = None) -> AtlasFont:
        """The face at a size in pixels, perhaps with the ASCII of another face."""
        assert self.atlas is not None
        return AtlasFont(self.atlas, size, (latin.path, latin.index) if latin else None)


def drawable(characters: str) -> str:
    """The characters of an atlas for a charset: all of `chinese`, so that prefixes share atlases, and any others."""
    chinese = open_charset("chinese").characters + FULL_WIDTH
    return chinese + "".join(sorted(set(characters) - set(chinese)))


@lru_cache(maxsize=2)
def find_han_faces(characters: str) -> tuple[HanFace, ...]:
    """All usable faces of this machine, always in the same order.

    Processes that start together share the drawing: each starts at another face, and loads what the others drew.

    Raises:
        UsageError: there are none; the message says what to install.
    """
    places = {character: place for place, character in enumerate(drawable(characters))}
    faces = [face for face in parse(han_faces(), str) if family_class(face.family)[0] != "skip"]
    missing = [face for face in faces if not _atlas_path(face, places).with_suffix(".npy").exists()]
    if missing:
        seconds = 1 + len(missing) // 2
        _log.warning("bitocr: drawing the characters of %d faces, once: about %d s", len(missing), seconds)
        random.Random(os.getpid()).shuffle(missing)
    for face in missing:
        open_atlas(face, places)
    pairs = [(face, atlas) for face in faces if (atlas := open_atlas(face, places))]
    found = [HanFace(f.path, f.index, f.family, f.style, atlas=atlas) for f, atlas in pairs if _hanzi(atlas) >= _FEWEST]
    if not found:
        raise UsageError(f"no font here has Chinese characters: run make fonts, or install {_advice()}")
    return tuple(found)


def open_atlas(face: Face, places: dict[str, int]) -> Atlas | None:
    """The atlas of a face, from the cache or newly drawn; None for a damaged font."""
    path = _atlas_path(face, places)
    try:
        return load_atlas(path, places)
    except (OSError, ValueError):
        pass
    try:
        rows, ink = draw_atlas(face.path, face.index, "".join(places))
    except (OSError, ValueError, MemoryError):
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_atlas(path, rows, ink)
    except (OSError, BitocrError):
        pass  # without the cache, only the next start takes minutes longer
    return Atlas(places, rows, ink)


def _atlas_path(face: Face, places: dict[str, int]) -> Path:
    size = Path(face.path).stat().st_size if Path(face.path).exists() else 0
    what = f"{VERSION}\n{face.path}\n{size}\n{face.index}\n{''.join(places)}"
    key = hashlib.sha256(what.encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "bitocr" / "atlases" / f"{key}.npy"


def _hanzi(atlas: Atlas) -> int:
    return sum("\u4e00" <= character <= "\u9fff" and atlas.covers(character) for character in atlas.characters)


def _advice() -> str:
    """The first few packages of the list, enough to start with."""
    lines = [line for line in LIST.read_text().splitlines() if not line.startswith("#")]
    return " ".join(" ".join(lines).split()[:4])
