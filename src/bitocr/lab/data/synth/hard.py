"""Pictures that are hard to read: turned, bent and small words, scripts, codes, quotes, rules, margins, signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from bitocr.lab.data.charset import Charset
from bitocr.lab.data.synth import geometry, scan, scene, screen
from bitocr.lab.data.synth.chance import Weighted, between, happens, pick, whole
from bitocr.lab.data.synth.effects import CAMERA, SCANNER, Chain, degrade
from bitocr.lab.data.synth.faces import Face
from bitocr.lab.data.synth.geometry import Margins
from bitocr.lab.data.synth.hard_text import HardText
from bitocr.lab.data.synth.layout import Mask, arc, bend
from bitocr.lab.data.synth.renderer import SIZES, Gray, Renderer, Rng, Sample, fit
from bitocr.lab.data.synth.rules import add_rules
from bitocr.lab.data.synth.settings import document_setting, scene_setting, screen_setting
from bitocr.lab.data.synth.textures import textures

Matrix = Callable[[Rng, int, int], NDArray[np.float64]]
Bent = Callable[[Rng, Mask, str], Mask]
_SCALINGS = (cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_CUBIC, cv2.INTER_NEAREST)


def _straight(rng: Rng, mask: Mask, label: str) -> Mask:
    return mask


def _curved(rng: Rng, mask: Mask, label: str) -> Mask:
    if len(label) < 3:
        return mask
    return bend(rng, mask) if happens(rng, 0.45) else arc(rng, mask)


class HardRenderer(Renderer):
    """A `Renderer` of hard English pictures, with the same arguments."""

    def __init__(
        self,
        seed: int = 0,
        fonts: Sequence[Face] | None = None,
        charset: Charset | None = None,
        longest: int | None = None,
        dirt: float = 1.0,
        split: str = "all",
    ) -> None:
        language = HardText(None if fonts is None else tuple(fonts), longest, split, charset)
        super().__init__("words", seed, dirt=dirt, opened=language)
        self._draws: Weighted[Callable[[Rng], Sample | None]] = Weighted({
            self._turned: 10, self._bent: 8, self._slanted: 8, partial(self._scenery, role="fancy"): 14,
            self._small: 13, partial(self._printed, role="code", outdoors=0.3): 22,
            partial(self._printed, role="web", outdoors=0.3): 8, partial(self._printed, role="case", outdoors=0.25): 10,
            self._quoted: 7, self._dressed: 13, partial(self._printed, role="leader", outdoors=0.0): 4,
            partial(self._printed, role="sign", outdoors=0.3): 20 if language.signs else 0,
        })  # fmt: skip

    def _chosen(self, rng: Rng) -> Callable[[Rng], Sample | None]:
        return self._draws(rng)

    def _scenery(
        self,
        rng: Rng,
        role: str,
        matrix: Matrix = geometry.scene_matrix,
        shape: Bent = _straight,
        smallest: int = 16,
        margins: Margins | None = None,
        is_dressed: bool = False,
        chain: Chain = CAMERA,
    ) -> Sample | None:
        """Text in a scene, as a camera sees it."""
        size = round(smallest + (54 - smallest) * rng.random() ** 1.3)
        setting = scene_setting(rng) if role != "code" or happens(rng, 0.3) else screen_setting(rng)
        written = self._write(rng, role, size, setting, whole(rng, 1, 2) if happens(rng, 0.12) else 0, shape)
        if written is None:
            return None
        ink, label = written
        left, top, right, bottom = ink.box
        placed = geometry.place(ink, matrix(rng, right - left, bottom - top), margins or geometry.scene_margins(rng))
        picture = scene.compose(rng, add_rules(rng, placed) if is_dressed else placed)
        return fit(degrade(rng, picture, chain, self.dirt)), label

    def _paper(
        self, rng: Rng, role: str, genre: str, margins: Margins | None = None, is_dressed: bool = False
    ) -> Sample | None:
        """Text on paper, as a scanner sees it."""
        low, high = SIZES[genre]
        size = round(between(rng, low, high))
        written = self._write(rng, role, size, document_setting(rng, genre), int(happens(rng, 0.1)))
        if written is None:
            return None
        ink, label = written
        left, top, right, bottom = ink.box
        matrix = geometry.scan_matrix(rng, right - left, bottom - top)
        page = geometry.place(ink, matrix, margins or geometry.document_margins(rng))
        picture = scan.SCANNERS[genre](rng)(rng, add_rules(rng, page) if is_dressed else page)
        return fit(degrade(rng, picture, SCANNER, self.dirt)), label

    def _shown(self, rng: Rng, role: str, margins: Margins | None = None, is_dressed: bool = False) -> Sample | None:
        """Text as a screen shows it."""
        written = self._write(rng, role, round(between(rng, 11, 34)), screen_setting(rng), 0)
        if written is None:
            return None
        ink, label = written
        placed = geometry.place(ink, np.eye(3), margins or geometry.document_margins(rng))
        picture = screen.compose(rng, add_rules(rng, placed) if is_dressed else placed)
        return fit(degrade(rng, picture, screen.EFFECTS, self.dirt)), label

    def _printed(self, rng: Rng, role: str, outdoors: float) -> Sample | None:
        """Text on paper, on a screen, or in a scene."""
        if happens(rng, outdoors):
            return self._scenery(rng, role)
        if happens(rng, 0.3):
            return self._shown(rng, role)
        return self._paper(rng, role, pick(rng, ("receipt", "form", "form", "book")))

    def _turned(self, rng: Rng) -> Sample | None:
        return self._scenery(rng, pick(rng, ("scene", "scene", "fancy")), geometry.turned, smallest=22)

    def _bent(self, rng: Rng) -> Sample | None:
        return self._scenery(rng, pick(rng, ("scene", "fancy")), shape=_curved, smallest=20)

    def _slanted(self, rng: Rng) -> Sample | None:
        return self._scenery(rng, "scene", geometry.slanted, smallest=20)

    def _quoted(self, rng: Rng) -> Sample | None:
        return self._paper(rng, "quoted", pick(rng, ("book", "book", "form")))

    def _dressed(self, rng: Rng) -> Sample | None:
        """Text with rules that touch or cross it, with wide margins, or both."""
        margins = geometry.wide_margins(rng) if happens(rng, 0.5) else None
        is_dressed = margins is None or happens(rng, 0.4)
        if happens(rng, 0.4):
            return self._scenery(rng, "scene", margins=margins, is_dressed=is_dressed)
        role = pick(rng, ("form", "receipt", "form", "book", "code"))
        if happens(rng, 0.3):
            return self._shown(rng, "screen" if role != "code" else role, margins, is_dressed)
        return self._paper(rng, role, "form" if role == "code" else role, margins, is_dressed)

    def _small(self, rng: Rng) -> Sample | None:
        if happens(rng, 0.75):
            made = self._scenery(rng, pick(rng, ("scene", "scene", "scene", "code")), chain=())
        else:
            made = self._paper(rng, pick(rng, ("code", "case", "form", "receipt")), pick(rng, ("receipt", "form")))
        return None if made is None else (shrunk(rng, made[0]), made[1])


def shrunk(rng: Rng, image: Gray) -> Gray:
    """Scales down to 10 to 16 rows, then blurs, adds noise and compresses; scales up again nearly half of the time."""
    height, width = image.shape
    rows = whole(rng, 10, 16)
    if happens(rng, 0.5):
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), between(rng, 0.2, 0.8) * max(0.6, height / rows)), np.uint8)
    how = pick(rng, (cv2.INTER_AREA, cv2.INTER_AREA, cv2.INTER_LINEAR))
    small = np.asarray(cv2.resize(image, (max(6, round(width * rows / height)), rows), interpolation=how), np.uint8)
    if happens(rng, 0.5):
        small = scene.to_gray(small + textures().white(rng, small.shape) * np.float32(between(rng, 1, 8)))
    if happens(rng, 0.5):
        code = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, whole(rng, 30, 90)])[1]
        small = np.asarray(cv2.imdecode(code, cv2.IMREAD_GRAYSCALE), np.uint8)
    if happens(rng, 0.45):
        small = np.asarray(cv2.resize(small, (width, height), interpolation=pick(rng, _SCALINGS)), np.uint8)
    return small
