"""Renders a picture and its text from a seed and an index."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.errors import UsageError
from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth import geometry, scan, scene, screen
from bitocr.lab.data.synth.chance import between, happens, whole
from bitocr.lab.data.synth.effects import CAMERA, SCANNER, degrade, softened_by
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.language import Language, open_language
from bitocr.lab.data.synth.layout import Ink, Mask, Setting, arc, bend, set_text, with_neighbours
from bitocr.lab.data.synth.settings import document_setting, scene_setting, screen_setting

Rng = np.random.Generator
Gray = NDArray[np.uint8]
Sample = tuple[Gray, str]

Kind = Literal["mix", "words", "lines", "screens"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SCENE_SHARE = 0.6
TALLEST = 72
WIDEST = 2000
_FLATTEST = 6.0
_ATTEMPTS = 1000
_LARGEST = 54
SIZES = {"receipt": (16, 44), "form": (11, 26), "book": (22, 46)}


class Renderer:
    """Renders pictures of text, gray uint8 [h, w] with about 11..72 rows, and their labels.

    Args:
        kind: "words" for scene words, "lines" for lines and fields of documents (in Chinese also screens), "screens"
            for text on screens only, "mix" for words and lines.
        seed: with the same fonts, `render(index)` depends only on the seed and the index.
        fonts: the faces to draw with; None for all of this machine.
        scene_share: the share of scene words in a mix.
        language: one of `language.LANGUAGES`.
        charset: the charset of the texts; None for the language's own.
        longest: the most characters of a text; None for the language's own limit.
        dirt: how often to apply effects of cameras, scanners and codecs: 0 never, 1 as often as in real pictures.
        split: the split of the faces, one of `split.SPLITS`.
        opened: the language itself, in place of its name, charset, fonts, longest and split.
    """

    def __init__(
        self,
        kind: str = "mix",
        seed: int = 0,
        fonts: Sequence[Face] | None = None,
        scene_share: float = SCENE_SHARE,
        language: str = "english",
        charset: Charset | None = None,
        longest: int | None = None,
        dirt: float = 1.0,
        split: str = "all",
        opened: Language | None = None,
    ) -> None:
        if kind not in KINDS:
            raise UsageError(f"no kind of text is called {kind!r}: choose one of {', '.join(KINDS)}")
        self.kind, self.seed, self.dirt = kind, seed, dirt
        faces = None if fonts is None else tuple(fonts)
        self.language = opened or open_language(language, charset, faces, longest, split)
        self._scene_share = {"words": 1.0, "mix": scene_share}.get(kind, 0.0)
        self._camera, self._scanner, self._monitor = (
            softened_by(chain, self.language.pitch) for chain in (CAMERA, SCANNER, screen.EFFECTS)
        )
        self._screen_share = 1.0 if kind == "screens" else self.language.screens

    @property
    def faces(self) -> tuple[Face, ...]:
        return self.language.faces

    def render(self, index: int) -> Sample:
        return self.sample(np.random.default_rng([self.seed, index]))

    def sample(self, rng: Rng) -> Sample:
        """A legible picture and its text. Raises UsageError if the fonts lack the characters."""
        draw = self._chosen(rng)
        for _ in range(_ATTEMPTS):
            sample = draw(rng)
            if sample is not None and sample[0].std() >= _FLATTEST:
                return sample
        raise UsageError("these fonts lack the characters that texts are made of: choose others")

    def _chosen(self, rng: Rng) -> Callable[[Rng], Sample | None]:
        if happens(rng, self._scene_share):
            return self._scene
        return self._screen if happens(rng, self._screen_share) else self._document

    def _scene(self, rng: Rng) -> Sample | None:
        size = round(self.language.smallest + (_LARGEST - self.language.smallest) * rng.random() ** 1.3)
        neighbours = whole(rng, 1, 2) if happens(rng, 0.2) else 0
        written = self._write(rng, "scene", size, scene_setting(rng), neighbours, _curved)
        if written is None:
            return None
        ink, label = written
        left, top, right, bottom = ink.box
        matrix = geometry.scene_matrix(rng, right - left, bottom - top)
        picture = scene.compose(rng, geometry.place(ink, matrix, geometry.scene_margins(rng)))
        return fit(degrade(rng, picture, self._camera, self.dirt)), label

    def _document(self, rng: Rng) -> Sample | None:
        genre = self.language.genres(rng)
        low, high = SIZES[genre]
        size = round(low + (high - low) * rng.random())
        written = self._write(rng, genre, size, document_setting(rng, genre), int(happens(rng, 0.15)))
        if written is None:
            return None
        ink, label = written
        left, top, right, bottom = ink.box
        matrix = geometry.scan_matrix(rng, right - left, bottom - top)
        page = geometry.place(ink, matrix, geometry.document_margins(rng))
        if happens(rng, 0.18 if genre == "form" else 0.03):
            page = scan.add_rules(rng, page)
        picture = scan.SCANNERS[genre](rng)(rng, page)
        if happens(rng, 0.02):
            picture = 255 - picture
        return fit(degrade(rng, picture, self._scanner, self.dirt)), label

    def _screen(self, rng: Rng) -> Sample | None:
        low, high = screen.SIZES(rng)
        size = round(between(rng, low, high))
        written = self._write(rng, "screen", size, screen_setting(rng), int(happens(rng, 0.12)))
        if written is None:
            return None
        ink, label = written
        picture = screen.compose(rng, geometry.place(ink, np.eye(3), geometry.document_margins(rng)))
        return fit(degrade(rng, picture, self._monitor, self.dirt)), label

    def _write(
        self,
        rng: Rng,
        role: str,
        size: float,
        setting: Setting,
        neighbours: int,
        shape: Callable[[Rng, Mask, str], Mask] = lambda rng, mask, label: mask,
    ) -> tuple[Ink, str] | None:
        """Draws a text of the role, with `shape` applied and neighbours added, and its label; None if no face can."""
        language = self.language
        text = language.text(rng, role)
        face = language.face(rng, role, text)
        if face is None:
            return None
        setting.stroke *= language.pitch
        label = language.label(face, text)
        font = language.open(rng, face, role, size)
        mask = set_text(rng, font, language.drawn(rng, face, label, text), setting)
        if not mask.size:
            return None
        mask = shape(rng, mask, label)
        others = [language.text(rng, role) for _ in range(neighbours)]
        return with_neighbours(rng, font, mask, [other for other in others if face.covers(other)], setting), label


def _curved(rng: Rng, mask: Mask, label: str) -> Mask:
    """Bends the text, or sets it along a circle, in one case out of seven."""
    if len(label) > 2 and happens(rng, 0.15):
        return bend(rng, mask) if happens(rng, 0.5) else arc(rng, mask)
    return mask


def fit(picture: Gray) -> Gray:
    """Scales the picture down if it is larger than TALLEST or WIDEST."""
    height, width = picture.shape
    scale = min(TALLEST / height, WIDEST / width)
    if scale >= 1:
        return picture
    size = max(4, round(width * scale)), max(8, round(height * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
