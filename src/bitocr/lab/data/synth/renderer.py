"""From a seed and an index to a picture and its text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.lab.data.synth import geometry, scan, scene
from bitocr.lab.data.synth.chance import Weighted, between, happens, whole
from bitocr.lab.data.synth.document_text import DocumentText
from bitocr.lab.data.synth.effects import SCANNER, degrade
from bitocr.lab.data.synth.faces import Face, open_face
from bitocr.lab.data.synth.fonts import FontBook
from bitocr.lab.data.synth.layout import Setting, arc, bend, set_text, with_neighbours
from bitocr.lab.data.synth.scene_text import SceneText
from bitocr.lab.data.synth.typography import typeset

Rng = np.random.Generator
Gray = NDArray[np.uint8]
Sample = tuple[Gray, str]

KINDS = ("mix", "words", "lines")
SCENE_SHARE = 0.6
TALLEST = 72
WIDEST = 2000
_FLATTEST = 6.0
_ATTEMPTS = 1000
_GENRES = Weighted({"receipt": 42, "form": 30, "book": 28})
_SIZES = {"receipt": (16, 44), "form": (11, 26), "book": (22, 46)}


class Renderer:
    """Pictures of text, uint8 gray [h, w] of about 11..72 rows, with what they say.

    Args:
        kind: "words" for scene words, "lines" for lines and fields of documents, "mix" for both.
        seed: `render(index)` depends on it and on the index alone, given the same fonts.
        fonts: the faces to draw with; None for all that the machine has.
        scene_share: the share of scene words in a mix.
    """

    def __init__(
        self, kind: str = "mix", seed: int = 0, fonts: Sequence[Face] | None = None, scene_share: float = SCENE_SHARE
    ) -> None:
        if kind not in KINDS:
            raise UsageError(f"no kind of text is called {kind!r}: choose one of {', '.join(KINDS)}")
        self.kind, self.seed = kind, seed
        self.fonts = FontBook(fonts)
        self.scene_text, self.document_text = SceneText(), DocumentText()
        self._scene_share = {"words": 1.0, "lines": 0.0}.get(kind, scene_share)

    def render(self, index: int) -> Sample:
        return self.sample(np.random.default_rng([self.seed, index]))

    def sample(self, rng: Rng) -> Sample:
        """A picture in which something can be read, and its text. Raises UsageError where the fonts do not suffice."""
        draw: Callable[[Rng], Sample | None] = self._scene if happens(rng, self._scene_share) else self._document
        for _ in range(_ATTEMPTS):
            sample = draw(rng)
            if sample is not None and sample[0].std() >= _FLATTEST:
                return sample
        raise UsageError("these fonts lack the characters that texts are made of: choose others")

    def _scene(self, rng: Rng) -> Sample | None:
        text = self.scene_text(rng)
        face = self.fonts(rng, "scene", text)
        if face is None:
            return None
        text = face.written(text)
        font = open_face(face.path, face.index, round(16 + 38 * rng.random() ** 1.3))
        setting = _scene_setting(rng)
        mask = set_text(rng, font, _drawn(rng, face, text), setting)
        if not mask.size:
            return None
        if len(text) > 2 and happens(rng, 0.15):
            mask = bend(rng, mask) if happens(rng, 0.5) else arc(rng, mask)
        others = [self.scene_text(rng) for _ in range(whole(rng, 1, 2))] if happens(rng, 0.2) else []
        ink = with_neighbours(rng, font, mask, [other for other in others if face.covers(other)], setting)
        matrix = geometry.scene_matrix(rng, mask.shape[1], mask.shape[0])
        picture = scene.compose(rng, geometry.place(ink, matrix, geometry.scene_margins(rng)))
        return fit(degrade(rng, picture)), text

    def _document(self, rng: Rng) -> Sample | None:
        genre = _GENRES(rng)
        text = self.document_text(rng, genre)
        face = self.fonts(rng, genre, text)
        if face is None:
            return None
        text = face.written(text)
        low, high = _SIZES[genre]
        font = open_face(face.path, face.index, round(low + (high - low) * rng.random()))
        setting = _document_setting(rng, genre)
        mask = set_text(rng, font, _drawn(rng, face, text), setting)
        if not mask.size:
            return None
        others = [self.document_text(rng, genre)] if happens(rng, 0.15) else []
        ink = with_neighbours(rng, font, mask, [other for other in others if face.covers(other)], setting)
        matrix = geometry.scan_matrix(rng, mask.shape[1], mask.shape[0])
        page = geometry.place(ink, matrix, geometry.document_margins(rng))
        if happens(rng, 0.18 if genre == "form" else 0.03):
            page = scan.add_rules(rng, page)
        picture = scan.SCANNERS[genre](rng)(rng, page)
        if happens(rng, 0.02):
            picture = 255 - picture
        return fit(degrade(rng, picture, SCANNER)), text


def _drawn(rng: Rng, face: Face, text: str) -> str:
    """The text as it is printed, where the face has the signs for that."""
    printed = typeset(rng, text)
    return printed if face.covers(printed) else text


def _scene_setting(rng: Rng) -> Setting:
    setting = Setting()
    if happens(rng, 0.3):
        setting.tracking = between(rng, -0.06, 0.08) if happens(rng, 0.7) else between(rng, 0.1, 0.45)
    if happens(rng, 0.07):
        setting.jitter = between(rng, 0.02, 0.12)
    if happens(rng, 0.15):
        setting.stroke = between(rng, 0.01, 0.05)
    if happens(rng, 0.05):
        setting.initial = between(rng, 1.15, 1.5)
    if happens(rng, 0.3):
        setting.stretch = float(np.exp(between(rng, -0.6, 0.25)))
    return setting


def _document_setting(rng: Rng, genre: str) -> Setting:
    """Receipts and typewriters space evenly and shift at times; their columns stand apart."""
    setting = Setting(gap=whole(rng, 2, 6) if happens(rng, 0.12) else 1)
    if happens(rng, 0.25):
        setting.stroke = between(rng, 0.01, 0.04)
    if happens(rng, 0.6 if genre == "receipt" else 0.25):
        setting.stretch = float(np.exp(between(rng, -0.55, 0.15)))
    if genre == "receipt" and happens(rng, 0.25):
        setting.mode = "1"
    if genre == "form" and happens(rng, 0.15):
        setting.jitter = between(rng, 0.01, 0.05)
    return setting


def fit(picture: Gray) -> Gray:
    """Scaled down where it is larger than TALLEST or WIDEST."""
    height, width = picture.shape
    scale = min(TALLEST / height, WIDEST / width)
    if scale >= 1:
        return picture
    size = max(4, round(width * scale)), max(8, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
