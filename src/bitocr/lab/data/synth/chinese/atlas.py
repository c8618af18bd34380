"""An atlas of a face's characters, drawn once and kept on disk, since FreeType takes about 0.3 ms for each hanzi.

Characters are drawn at `EM` pixels. A line is put together at that size and then scaled down by area, which looks as an
unhinted rasteriser would draw it. All processes map the same file, so memory holds it only once.
"""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from fontTools.ttLib import TTCollection, TTFont
from numpy.typing import NDArray

from bitocr.io.files import write_atomic
from bitocr.lab.data.synth.pen import Mask, draw, open_face

EM = 40
"""The em at which characters are drawn and kept, in pixels."""
_SAME_INK = 4
"""A shape that this many characters share is a placeholder."""
_BLANK = " "
_ROW = np.dtype([("start", "<i8"), ("height", "<i2"), ("width", "<i2"), ("left", "<i2"), ("top", "<i2"),
                 ("advance", "<f4"), ("present", "?")])  # fmt: skip

Rows = NDArray[np.void]


@dataclass(frozen=True)
class Atlas:
    """One row (`_ROW`) per character: the start of its ink in `ink` (uint8), its box from the pen, and its advance."""

    characters: dict[str, int]
    rows: Rows
    ink: NDArray[np.uint8]
    present: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "present", self.rows["present"].tobytes())

    def covers(self, text: str) -> bool:
        """Whether the atlas has every character of the text."""
        places, present = self.characters, self.present
        return all((place := places.get(character)) is not None and present[place] for character in text)

    def glyph(self, character: str) -> tuple[Mask, int, int, float]:
        """Ink [h, w], its top left corner relative to the pen, and the advance."""
        start, height, width, left, top, advance, _ = self.rows[self.characters[character]].item()
        return self.ink[start : start + height * width].reshape(height, width), left, top, advance


class AtlasFont:
    """A face at a size, for `layout`: Han and signs come from the atlas, ASCII perhaps from a Latin face.

    Args:
        size: the em in pixels.
        latin: the path and index of another face for runs of ASCII letters and digits.
    """

    def __init__(self, atlas: Atlas, size: float, latin: tuple[str, int] | None = None) -> None:
        self.atlas, self.size, self.latin = atlas, size, latin
        self._latin = open_face(*latin, EM) if latin else None

    def font_variant(self, *, size: float) -> AtlasFont:
        return AtlasFont(self.atlas, size, self.latin)

    def getlength(self, text: str) -> float:
        return sum(self._glyph(character)[3] for character in text) * self.size / EM

    def draw(self, text: str, mode: str = "L") -> tuple[Mask, tuple[int, int]]:
        """Like `pen.draw`: ink uint8 [h, w], and its top left corner relative to the pen's start."""
        pieces, pen = [], 0.0
        for character in text:
            ink, left, top, advance = self._glyph(character)
            if ink.size:
                pieces.append((ink, round(pen) + left, top))
            pen += advance
        if not pieces:
            return np.zeros((0, 0), np.uint8), (0, 0)
        left, top = min(x for _, x, _ in pieces), min(y for _, _, y in pieces)
        mask = self._scaled(_lay(pieces, left, top))
        if mode == "1":
            mask = np.where(mask > 127, 255, 0).astype(np.uint8)
        return mask, (round(left * self.size / EM), round(top * self.size / EM))

    def _scaled(self, mask: Mask) -> Mask:
        scale = self.size / EM
        if scale == 1:
            return mask
        size = max(1, round(mask.shape[1] * scale)), max(1, round(mask.shape[0] * scale))
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        return np.asarray(cv2.resize(mask, size, interpolation=how), np.uint8)

    def _glyph(self, character: str) -> tuple[Mask, int, int, float]:
        if self._latin is None or not character.isascii():
            return self.atlas.glyph(character)
        ink, (left, top) = draw(self._latin, character)
        return ink, left, top, self._latin.getlength(character)


def _lay(pieces: list[tuple[Mask, int, int]], left: int, top: int) -> Mask:
    """Lays pieces at (x, y) into one mask whose top left corner is at (left, top)."""
    right, bottom = max(x + m.shape[1] for m, x, _ in pieces), max(y + m.shape[0] for m, _, y in pieces)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for ink, x, y in pieces:
        part = mask[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    return mask


def mapped(path: str, index: int) -> set[str]:
    """The characters that a font file's cmap gives a glyph other than .notdef. Raises OSError or ValueError."""
    try:
        collection = path.lower().endswith((".ttc", ".otc"))
        # fontconfig puts a variable font's instance into the upper half of the index.
        font = TTCollection(path, lazy=True).fonts[index & 0xFFFF] if collection else TTFont(path, lazy=True)
        return {chr(code) for code, name in (font.getBestCmap() or {}).items() if name != ".notdef"}
    except Exception as error:  # fontTools may raise anything for a damaged table
        raise ValueError(f"{path}: {error}") from None


def draw_atlas(path: str, index: int, characters: str) -> tuple[Rows, NDArray[np.uint8]]:
    """Draws the characters that the face has, without those that are blank or a placeholder.

    Raises:
        OSError, ValueError: the font is damaged.
    """
    known, font = mapped(path, index), open_face(path, index, EM)
    nothing = draw(font, "\uffff")[0].tobytes()
    drawn = {character: draw(font, character) for character in characters if character in known}
    shapes = Counter(ink.tobytes() for ink, _ in drawn.values())
    rows, inks, start = np.zeros(len(characters), _ROW), [], 0
    for place, character in enumerate(characters):
        ink, (left, top) = drawn.get(character, (np.zeros((0, 0), np.uint8), (0, 0)))
        shape = ink.tobytes()
        placeholder = shape == nothing or shapes[shape] >= _SAME_INK or not ink.any()
        if character not in drawn or (placeholder and character != _BLANK):
            continue
        rows[place] = (start, *ink.shape, left, top, font.getlength(character), True)
        inks.append(ink.ravel())
        start += ink.size
    return rows, np.concatenate([np.zeros(0, np.uint8), *inks])


def save_atlas(path: Path, rows: Rows, ink: NDArray[np.uint8]) -> None:
    """Writes PATH.ink.npy, then PATH.npy: if the second exists, both are complete. Raises UsageError."""
    for name, array in ((path.with_suffix(".ink.npy"), ink), (path.with_suffix(".npy"), rows)):
        stream = io.BytesIO()
        np.save(stream, array)
        write_atomic(name, stream.getvalue())


def load_atlas(path: Path, characters: dict[str, int]) -> Atlas:
    """Loads an atlas of these characters from `save_atlas`. Raises OSError or ValueError if there is none."""
    rows = np.load(path.with_suffix(".npy"))
    if rows.dtype != _ROW or len(rows) != len(characters):
        raise ValueError(f"{path}: not an atlas of these characters")
    return Atlas(characters, rows, np.load(path.with_suffix(".ink.npy"), mmap_mode="r"))
